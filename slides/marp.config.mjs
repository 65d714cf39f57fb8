// Marp's settings for the deck. Nothing that Marp would load from the network is on: no emoji pictures, no maths fonts.
export default {
  html: true,
  browserTimeout: 120, // seconds: on a busy machine a browser starts slowly
  themeSet: ["theme.css"],
  options: { emoji: { shortcode: false, unicode: false }, math: false },
};
