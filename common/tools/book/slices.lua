-- slices.lua: cuts a high picture where no word is, so that it can go on in the next page.
-- slices(svg): a list of pictures, each of a part of it, one below the other; of the picture itself when it is low enough.
local most = 320 -- of the units of the picture, in which its letters are 12 or 13 high

-- Where a cut would go through text, or through the head of the arrow below its text: pairs of from and until.
local function taken(svg)
  local rows = {}
  for attributes in svg:gmatch('<text([^>]*)>') do
    local y = tonumber(attributes:match(' y="([%d.]+)"'))
    if y then table.insert(rows, {y - 14, y + (attributes:match('font%-size="12"') and 12 or 6)}) end
  end
  return rows
end

local function is_free(rows, y)
  for _, row in ipairs(rows) do
    if y > row[1] and y < row[2] then return false end
  end
  return true
end

return function(svg)
  local width, height = svg:match('viewBox="0 0 ([%d.]+) ([%d.]+)"')
  height = tonumber(height)
  if not height or height <= 2 * most then return {svg} end
  local rows, parts, from = taken(svg), {}, 0
  while from < height do
    local until_ = math.min(from + most, height)
    while until_ < height and not is_free(rows, until_) do until_ = until_ - 1 end
    assert(until_ > from, 'a picture without a place to cut it')
    local head = ('viewBox="0 %d %s %d" width="%s" height="%d"'):format(from, width, until_ - from, width, until_ - from)
    table.insert(parts, (svg:gsub('viewBox="[^"]*" width="[^"]*" height="[^"]*"', head, 1)))
    from = until_
  end
  return parts
end
