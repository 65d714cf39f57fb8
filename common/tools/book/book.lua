-- book.lua: makes one document of the pages that the metadata `chapters` names, a line or a space between them. `form` is html, print
-- or epub.
-- Each page is a chapter; with a + before it, it is a part of the chapter before. In a page
--   <!-- book: left out -->  after a heading leaves this part out, elsewhere the paragraph that follows,
--   <!-- book: at the end --> after a heading makes this part a chapter after all others.
-- Links between pages become links inside the book. A link to a file that the book does not have becomes plain text.
-- Run from the top of the repository, as `pandoc -L book.lua`.

local form
local slices = dofile('common/tools/book/slices.lua')
local anchors = {} -- what a link can lead to
local chapter_of = {} -- the anchor of a page's first heading, by the page's path
local at_the_end = {}

local function contents_of(path)
  local file = assert(io.open(path, 'rb'), path .. ': not there')
  local text = file:read('a')
  file:close()
  return text
end

-- The path from the top of what a link in a file names; outside the repository it begins with `..`.
local function from_top(page, target)
  local parts = {}
  for part in (page:match('^(.*)/') or ''):gmatch('[^/]+') do table.insert(parts, part) end
  for part in target:gmatch('[^/]+') do
    if part == '..' and #parts > 0 and parts[#parts] ~= '..' then table.remove(parts)
    elseif part ~= '.' then table.insert(parts, part) end
  end
  return table.concat(parts, '/')
end

local function walk(blocks, filter)
  return pandoc.walk_block(pandoc.Div(blocks), filter).content
end

-- ---- the parts of a page ----

local function mark_of(block)
  return block and block.t == 'RawBlock' and block.text:match('^<!%-%- book: (.-) %-%->')
end

-- Takes out the parts that a mark says the book has elsewhere, or not.
local function without_marked(blocks, path)
  local kept, part, level = pandoc.List(), nil, 0
  for i, block in ipairs(blocks) do
    if block.t == 'Header' and block.level <= level then part, level = nil, 0 end
    local mark = block.t == 'Header' and mark_of(blocks[i + 1])
    if mark then
      assert(mark == 'left out' or mark == 'at the end', 'no such mark: ' .. mark)
      part, level = pandoc.List(), block.level
      if mark == 'at the end' then table.insert(at_the_end, {path = path, blocks = part, shift = 1 - level}) end
    end
    if not mark_of(blocks[i - 1]) or blocks[i - 2].t == 'Header' then (part or kept):insert(block) end
  end
  return kept
end

-- The line at the foot of a page leads to its neighbours, as the contents of the book do.
local function without_foot(blocks)
  local last = blocks[#blocks]
  if last and last.t == 'Para' and pandoc.utils.stringify(last):find('All lessons', 1, true) then blocks:remove() end
  return blocks
end

local function shifted(blocks, by)
  return walk(blocks, {Header = function(header) header.level = header.level + by; return header end})
end

-- ---- what is in them ----

local function without_comments(raw)
  if raw.format:match('html') and raw.text:match('^%s*<!%-%-.*%-%->%s*$') then return {} end
end

local function data_uri(svg)
  local text = svg:gsub('[%%#"<>&\r\n\t ]', function(c) return ('%%%02X'):format(c:byte()) end)
  return 'data:image/svg+xml,' .. text
end

-- A copy for an EPUB, where a picture has no roles but img.
local function copied(svg, name)
  local path = 'build/book/pictures/' .. name .. '.svg'
  local file = assert(io.open(path, 'wb'))
  file:write((svg:gsub(' role="list"', ' role="img"', 1):gsub(' role="listitem"', '')))
  file:close()
  return path
end

local function picture(page)
  return function(image)
    assert(not image.src:match('^%a+:'), page .. ': a picture of another place: ' .. image.src)
    local path = from_top(page, image.src)
    local parts = form == 'html' and {contents_of(path)} or slices(contents_of(path))
    local all = pandoc.List()
    for i, svg in ipairs(parts) do
      local part = image:clone()
      if i > 1 then part.caption = {} end -- the first one says what all of them show
      part.src = form == 'epub' and copied(svg, path:gsub('%.svg$', ''):gsub('/', '-') .. '-' .. i) or data_uri(svg)
      all:insert(pandoc.Span({part}, pandoc.Attr('', {'picture'})))
    end
    return all
  end
end

local function link(page)
  return function(a)
    if a.target:match('^%a+:') then return end
    local path, anchor = a.target:match('^([^#]*)#?(.*)$')
    local prefix = chapter_of[path == '' and page or from_top(page, path)]
    local goal = prefix and (anchor == '' and prefix or prefix .. '-' .. anchor)
    if goal and anchors[goal] then
      a.target = '#' .. goal
      return a
    end
    local text = pandoc.utils.stringify(a.content)
    if text:find('/', 1, true) or text:match('%.%a+$') then return pandoc.Code(text) end
    return a.content
  end
end

local function code(block)
  local kind = (block.classes[1] or ''):match('^%S+')
  block.attr = pandoc.Attr('', kind and {kind == 'sh' and 'bash' or kind} or {})
  return block
end

local function scrolled(block)
  return pandoc.Div({block}, pandoc.Attr('', {'scrolled'}))
end

-- What leads to the next block stays with it on a page.
local function kept_with_next(block)
  local text = pandoc.utils.stringify(block)
  if form == 'html' or not (text:match(':$') or text:match('^Question %d+%.')) then return end
  return pandoc.Div({block}, pandoc.Attr('', {'keep'}))
end

-- ---- what is folded ----

local function html(text)
  return pandoc.RawBlock('html', text)
end

local function inlines_of(text)
  return pandoc.utils.blocks_to_inlines(pandoc.read(text, 'html').blocks)
end

-- What stands in <details>: folded in HTML. On paper an answer goes to the end of its chapter, and everything else stays.
local function unfolded(blocks, prefix)
  local kept, answers, inside, name = pandoc.List(), pandoc.List(), nil, ''
  for _, block in ipairs(blocks) do
    local raw = block.t == 'RawBlock' and block.text or ''
    local summary = raw:match('^<details>%s*<summary>(.*)</summary>%s*$')
    if block.t == 'Header' then name = pandoc.utils.stringify(block) end
    if block.t == 'Para' or block.t == 'Div' then name = pandoc.utils.stringify(block):match('^(Question %d+)%.') or name end
    if summary then
      local is_answer = summary:match('^Answer')
      if form == 'html' then kept:insert(html('<details><summary>' .. summary .. '</summary>'))
      elseif not is_answer then kept:insert(pandoc.Div({pandoc.Para({pandoc.Strong(inlines_of(summary))})}, pandoc.Attr('', {'keep'})))
      else
        local goal = ('%s-answer-%d'):format(prefix, #answers + 1)
        inside = pandoc.List({pandoc.Header(3, name, pandoc.Attr(goal, {}))})
        answers:insert(inside)
        kept:insert(pandoc.Para({pandoc.Link('Answer', '#' .. goal, '', pandoc.Attr('', {'answer'}))}))
      end
    elseif raw:match('^</details>') then
      if form == 'html' then kept:insert(block) end
      inside = nil
    else
      (inside or kept):insert(block)
    end
  end
  if #answers == 0 then return kept end
  kept:insert(pandoc.Header(2, 'Answers', pandoc.Attr(prefix .. '-answers', {})))
  for _, answer in ipairs(answers) do kept:extend(answer) end
  return kept
end

-- ---- the book ----

local function anchor_of(path)
  return (path:gsub('^build/book/', ''):gsub('/README%.md$', ''):gsub('%.md$', ''):gsub('[^%w]+', '-'):lower())
end

-- Headings, and places that a page names itself: <a id="name"></a>.
local function name_anchors(blocks, prefix)
  local first = true
  return walk(blocks, {
    Header = function(header)
      header.identifier = first and prefix or prefix .. '-' .. header.identifier
      first = false
      anchors[header.identifier] = true
      return header
    end,
    RawInline = function(raw)
      local name = raw.text:match('^<a id="([^"]*)">$')
      if name then
        anchors[prefix .. '-' .. name] = true
        return pandoc.Span({}, pandoc.Attr(prefix .. '-' .. name, {}))
      end
      if raw.text == '</a>' then return {} end
    end,
  })
end

-- The replay of a lesson stands beside the book, where it was made. Its link goes below the picture of the run.
local function with_replay(blocks, path)
  local file = 'replay/' .. (path:match('([^/]+)/README%.md$') or '') .. '.html'
  if form ~= 'html' or not pcall(contents_of, 'build/book/' .. file) then return blocks end
  local all = pandoc.List()
  for _, block in ipairs(blocks) do
    all:insert(block)
    if block.t == 'Para' and block.content[#block.content].src == 'trace.svg' then
      all:insert(pandoc.Para({pandoc.Link('Step through a run of this lesson, line by line', file)}))
    end
  end
  return all
end

local function page_of(path)
  local blocks = pandoc.read(contents_of(path), 'gfm').blocks
  return without_foot(name_anchors(blocks, anchor_of(path)))
end

local function finished(blocks, page)
  blocks = with_replay(blocks, page)
  blocks = walk(blocks, {RawBlock = without_comments, RawInline = without_comments, Image = picture(page), Link = link(page), CodeBlock = code})
  return walk(blocks, {Table = scrolled, Para = kept_with_next})
end

function Pandoc(doc)
  form = pandoc.utils.stringify(doc.meta.form)
  local chapters = {}
  for path in pandoc.utils.stringify(doc.meta.chapters):gmatch('%S+') do
    local is_part = path:match('^%+')
    path = path:gsub('^%+', '')
    chapter_of[path] = anchor_of(path)
    local part = {path = path, blocks = without_marked(page_of(path), path)}
    if is_part then
      part.blocks = shifted(part.blocks, 1)
      table.insert(chapters[#chapters], part)
    else table.insert(chapters, {part}) end
  end
  for _, moved in ipairs(at_the_end) do
    moved.blocks = shifted(moved.blocks, moved.shift)
    table.insert(chapters, {moved})
  end

  local book = pandoc.List()
  for _, chapter in ipairs(chapters) do
    local all = pandoc.List()
    for _, part in ipairs(chapter) do all:extend(finished(part.blocks, part.path)) end
    book:extend(unfolded(all, chapter_of[chapter[1].path]))
  end
  return pandoc.Pandoc(book, doc.meta)
end
