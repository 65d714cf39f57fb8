# browser.sh: read with `.`: the Chromium that makes the slides and looks at pages and pictures. Sets CHROME_PATH, empty where there is
# none, for Marp and for browser.mjs.
# shellcheck shell=sh
CHROME_PATH=${CHROME_PATH:-$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)}
[ "$(id -u)" != 0 ] || CHROME_NO_SANDBOX=1 # Chromium's sandbox does not run as root
export CHROME_PATH CHROME_NO_SANDBOX="${CHROME_NO_SANDBOX:-}"
