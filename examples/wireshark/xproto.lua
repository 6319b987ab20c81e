-- A Wireshark dissector for xproto (docs/xproto.md): control lines, chunks, bare octets, and the objects in them.
--
--   wireshark -X lua_script:examples/wireshark/xproto.lua capture.pcapng
--   tshark -X lua_script:examples/wireshark/xproto.lua -r capture.pcapng -Y xproto
--
-- xproto runs under TLS; to look inside, Wireshark needs the secrets of one end (SSLKEYLOGFILE, -o tls.keylog_file:...). It is
-- found by its ALPN name `xproto/1`, and in clear on the ports of the preference. Lines that no peer may send are shown as
-- malformed, with an expert note.

local xproto = Proto("xproto", "xproto mail transfer")

local WORDS = { OK = true, ERR = true, TMP = true }
local LONGEST_LINE = 8192

-- What each result code means (docs/xproto.md, section 9).
local CODES = {
  ["99.0.2.1"] = "greetings", ["99.0.2.2"] = "options-set", ["99.0.2.3"] = "alive", ["99.0.2.4"] = "goodbye",
  ["99.0.2.5"] = "object-received", ["99.0.2.6"] = "stored", ["99.0.2.7"] = "already-have", ["99.0.2.30"] = "held",
  ["99.0.3.1"] = "welcome", ["99.0.3.2"] = "prove-yourself", ["99.0.3.5"] = "send-envelope",
  ["99.0.3.6"] = "send-headers", ["99.0.3.7"] = "working", ["99.0.3.8"] = "send-body",
  ["99.0.3.9"] = "more-recipients", ["99.0.4.1"] = "busy", ["99.0.4.2"] = "shutting-down",
  ["99.0.4.3"] = "storage-failed", ["99.0.4.4"] = "timed-out", ["99.0.4.5"] = "too-many-sessions",
  ["99.0.4.6"] = "identity-unchecked", ["99.0.4.7"] = "local-error",
  ["99.0.4.60"] = "not-held", ["99.0.5.0"] = "options-refused", ["99.0.5.1"] = "malformed",
  ["99.0.5.2"] = "unknown-verb", ["99.0.5.3"] = "bad-sequence", ["99.0.5.4"] = "bad-parameter",
  ["99.0.5.5"] = "bad-tag", ["99.0.5.6"] = "unknown-command", ["99.0.5.7"] = "too-many-errors",
  ["99.0.5.8"] = "version-refused", ["99.0.5.9"] = "option-unknown", ["99.0.5.10"] = "option-not-offered",
  ["99.0.5.11"] = "option-value", ["99.0.5.12"] = "identity-refused", ["99.0.5.13"] = "too-many-octets",
  ["99.0.5.14"] = "too-late", ["99.0.5.15"] = "unexpected", ["99.0.5.20"] = "object-too-large",
  ["99.0.5.21"] = "window-exceeded", ["99.0.5.22"] = "prior-part", ["99.0.5.23"] = "transfer-failed",
  ["99.0.5.24"] = "in-progress", ["99.0.5.25"] = "bad-fragment", ["99.0.5.26"] = "policy",
  ["99.0.5.27"] = "no-recipients", ["99.0.5.28"] = "recipient-refused", ["99.0.5.29"] = "relaying-denied",
  ["99.0.5.30"] = "not-xml", ["99.0.5.31"] = "forbidden-xml", ["99.0.5.32"] = "not-valid",
  ["99.0.5.33"] = "object-limit", ["99.0.5.34"] = "digest-mismatch", ["99.0.5.35"] = "not-announced",
  ["99.0.5.36"] = "critical-extension", ["99.0.5.37"] = "invalid-trace", ["99.0.5.38"] = "invalid-sender",
  ["99.0.5.39"] = "id-reused", ["99.0.5.40"] = "too-many-hops", ["99.0.5.41"] = "invalid-certificate",
  ["99.0.5.42"] = "invalid-proof", ["99.0.5.43"] = "host-mismatch", ["99.0.5.50"] = "option-needs-another",
  ["99.0.5.80"] = "listed", ["99.0.5.81"] = "no-secure-path", ["99.0.5.90"] = "tls-required",
  ["99.0.5.91"] = "probe-refused", ["99.0.5.92"] = "too-many-probes", ["99.3.11.0.2.1"] = "sent-on",
  ["108.0.2.1"] = "killed", ["99.3.2.0.2.1"] = "now-set", ["99.3.2.0.5.1"] = "now-too-large",
  ["99.3.3.0.2.1"] = "zstd-set", ["99.3.3.0.5.1"] = "zstd-broken",
}

local f = {
  line = ProtoField.string("xproto.line", "Line"),
  tag = ProtoField.string("xproto.tag", "Tag"),
  verb = ProtoField.string("xproto.verb", "Verb"),
  parameter = ProtoField.string("xproto.parameter", "Parameter"),
  word = ProtoField.string("xproto.word", "Answer"),
  code = ProtoField.string("xproto.code", "Result code"),
  name = ProtoField.string("xproto.code.name", "Result"),
  group = ProtoField.string("xproto.group", "Group"),
  text = ProtoField.string("xproto.text", "Text"),
  id = ProtoField.string("xproto.message_id", "Message id"),
  type = ProtoField.string("xproto.object", "Object"),
  octets = ProtoField.uint64("xproto.octets", "Announced octets"),
  pending = ProtoField.uint64("xproto.pending", "Fragments to come"),
  data = ProtoField.bytes("xproto.data", "Octets"),
  data_octets = ProtoField.uint64("xproto.data.octets", "Octets here"),
  proof = ProtoField.bytes("xproto.proof", "HELO proof (CMS)"),
  request_in = ProtoField.framenum("xproto.request_in", "Answers the request in", base.NONE, frametype.REQUEST),
}
xproto.fields = f

local e_malformed = ProtoExpert.new("xproto.malformed", "Not a line of xproto", expert.group.MALFORMED, expert.severity.ERROR)
local e_refused = ProtoExpert.new("xproto.refused", "Refused", expert.group.RESPONSE_CODE, expert.severity.NOTE)
xproto.experts = { e_malformed, e_refused }

xproto.prefs.ports = Pref.range("TCP ports", "6525", "Ports where xproto runs in clear", 65535)

-- --- what one TCP stream knows ------------------------------------------------------------------------------------------

-- Streams by number. Each direction is "C" or "S": who wrote it. `expects`: bare octets that come next, `requests`: by tag,
-- `frames`: what the first pass found in each frame.
local streams = {}

local stream_field = Field.new("tcp.stream")

local function new_side()
  return { expects = {}, requests = {}, frames = {} }
end

local function stream_of()
  local number = stream_field()
  local key = number and tostring(number) or "0"
  if not streams[key] then
    streams[key] = { C = new_side(), S = new_side(), pipelined = false }
  end
  return streams[key]
end

function xproto.init()
  streams = {}
end

-- --- lines --------------------------------------------------------------------------------------------------------------

-- The pieces of a line between the brackets, quotes and groups kept whole: {text, offset}.
local function pieces_of(text)
  local found, at = {}, 1
  while at <= #text do
    local start, depth, quoted = at, 0, false
    while at <= #text do
      local c = text:sub(at, at)
      if c == "\\" then
        at = at + 1
      elseif c == '"' then
        quoted = not quoted
      elseif not quoted and c == "(" then
        depth = depth + 1
      elseif not quoted and c == ")" then
        depth = depth - 1
      elseif not quoted and depth == 0 and c == " " then
        break
      end
      at = at + 1
    end
    found[#found + 1] = { text = text:sub(start, at - 1), offset = start - 1 }
    at = at + 1
  end
  return found
end

-- A line as {tag, verb, parameters, groups} or {tag, word, code, groups, text}; nil when it is none.
local function parse(octets)
  local inside = octets:match("^%[(.*)%]\r\n$")
  if not inside or inside:find("[%z\1-\31\127]") then return nil end
  local tag, rest = inside:match("^([%d*]+) (.+)$")
  if not tag or not (tag == "*" or tag:match("^[1-9]%d*$")) then return nil end
  local line = { tag = tag, groups = {}, parameters = {} }
  local pieces = pieces_of(rest)
  local first, base_at = pieces[1].text, 1 + #tag + 1
  local from = 2
  if WORDS[first] then
    line.word = first
    line.code = pieces[2] and pieces[2].text:match("^%d+[%d.]*%.%d+$")
    if not line.code then return nil end
    line.code_at = base_at + pieces[2].offset
    from = 3
  else
    local verb, value = first:match("^(%u+)=(.+)$")
    line.verb = verb or first:match("^%u+$")
    if not line.verb or #line.verb > 16 then return nil end
    if value then line.parameters[1] = { text = value, at = base_at + #verb + 1 } end
  end
  line.word_at = base_at
  for i = from, #pieces do
    local piece = pieces[i]
    local at = base_at + piece.offset
    if piece.text:sub(1, 1) == "(" then
      line.groups[#line.groups + 1] = { text = piece.text, at = at }
    elseif line.word then
      line.text, line.text_at = rest:sub(piece.offset + 1), at
      break
    else
      line.parameters[#line.parameters + 1] = { text = piece.text, at = at }
    end
  end
  return line
end

local function count_of(parameter)
  return parameter and tonumber(parameter.text:match("^{(%d+)}$"))
end

-- --- what lines promise -------------------------------------------------------------------------------------------------

-- Tells what octets follow: `side` wrote the line, `other` is the other end.
local function learn(stream, side, other, line, frame)
  if line.verb == "DATA" then
    local request = side.requests[line.tag]
    return { kind = request and request.type or "data", octets = count_of(line.parameters[1]) or 0, tag = line.tag }
  end
  if line.verb then
    local request = { frame = frame, verb = line.verb, octets = 0 }
    if line.verb == "HELO" then
      request.octets = count_of(line.parameters[#line.parameters]) or 0
      request.type = "proof"
    elseif line.verb == "XFER" then
      request.octets = count_of(line.parameters[3]) or 0
      request.type = line.parameters[2] and line.parameters[2].text or "?"
    end
    request.pipe = line.verb == "OPT" and line.groups[1] and line.groups[1].text:match("PIPE=(%u+)")
    side.requests[line.tag] = request
    return nil
  end
  -- A response: it speaks of a request of the other end.
  local request = other.requests[line.tag]
  if not request then return nil end
  if request.pipe and line.word == "OK" then stream.pipelined = request.pipe == "ON" end
  local permitted = line.word == "TMP" and line.code:match("^99%.0%.3%.[2568]$")
  if permitted and not request.permitted and (request.type == "proof" or not stream.pipelined) then
    request.permitted = true
    other.expects[#other.expects + 1] = { kind = request.type, octets = request.octets, tag = line.tag }
  end
  return nil
end

-- --- trees --------------------------------------------------------------------------------------------------------------

local xml = Dissector.get("xml")

local function show_line(tree, range, line, pinfo, other)
  local octets = range:string()
  local branch = tree:add(f.line, range, octets:sub(1, -3))
  branch:add(f.tag, range(1, #line.tag), line.tag)
  if line.verb then
    branch:add(f.verb, range(line.word_at, #line.verb), line.verb)
    for _, parameter in ipairs(line.parameters) do
      branch:add(f.parameter, range(parameter.at, #parameter.text), parameter.text)
    end
    if line.verb == "XFER" and #line.parameters >= 4 then
      local p = line.parameters
      branch:add(f.id, range(p[1].at, #p[1].text), p[1].text)
      branch:add(f.type, range(p[2].at, #p[2].text), p[2].text)
      branch:add(f.octets, range(p[3].at, #p[3].text), UInt64.new(count_of(p[3]) or 0))
      branch:add(f.pending, range(p[4].at, #p[4].text), UInt64.new(count_of(p[4]) or 0))
    end
  else
    branch:add(f.word, range(line.word_at, #line.word), line.word)
    branch:add(f.code, range(line.code_at, #line.code), line.code)
    local name = CODES[line.code]
    if name then branch:add(f.name, range(line.code_at, #line.code), name):set_generated() end
    local request = other.requests[line.tag]
    if request then branch:add(f.request_in, request.frame):set_generated() end
    if line.word == "ERR" then branch:add_proto_expert_info(e_refused, "Refused: " .. (name or line.code)) end
  end
  for _, group in ipairs(line.groups) do
    branch:add(f.group, range(group.at, #group.text), group.text)
  end
  if line.text then branch:add(f.text, range(line.text_at, #line.text), line.text) end
  pinfo.cols.info:append(" " .. octets:sub(1, -3))
end

local function show_octets(tree, range, run, pinfo, whole)
  local field = run.kind == "proof" and f.proof or f.data
  local branch = tree:add(field, range)
  branch:append_text(string.format(" (%s, tag %s)", run.kind, run.tag))
  branch:add(f.type, range(0, 0), run.kind):set_generated()
  branch:add(f.data_octets, range(0, 0), UInt64.new(range:len())):set_generated()
  pinfo.cols.info:append(string.format(" <%d octets of %s>", range:len(), run.kind))
  if whole and (run.kind == "message/envelope" or run.kind == "message/headers") then
    pcall(Dissector.call, xml, range:tvb(), pinfo, branch)
  end
end

-- --- dissection ---------------------------------------------------------------------------------------------------------

-- One line at `at`: how many octets it has, or nil when its end is not here, or false when it can be none.
local function line_length(tvb, at)
  local here = tvb(at, math.min(tvb:len() - at, LONGEST_LINE)):raw()
  if here:sub(1, 1) ~= "[" then return false end
  local last = here:find("\n", 1, true)
  if last then return last end
  if #here >= LONGEST_LINE then return false end
  return nil
end

local function side_of(stream, pinfo)
  -- The server writes first: the greeting names its direction.
  if not stream.server_port then stream.server_port, stream.server = pinfo.src_port, tostring(pinfo.src) end
  if pinfo.src_port == stream.server_port and tostring(pinfo.src) == stream.server then return stream.S, stream.C end
  return stream.C, stream.S
end

-- The first pass decides, in the order of the octets, what stands in each frame: lines and bare octets that end in it.
-- Returns nothing when a line has not ended yet.
local function decide(stream, side, other, tvb, at, frame)
  local run = side.expects[1]
  if run and run.octets > 0 then
    local count = math.min(run.octets, tvb:len() - at)
    local whole = count == run.octets and not run.begun
    run.octets, run.begun = run.octets - count, true
    if run.octets == 0 then table.remove(side.expects, 1) end
    return { run = run, length = count, whole = whole }
  end
  if run then table.remove(side.expects, 1) end -- an object of no octets
  local length = line_length(tvb, at)
  if length == nil then return nil end
  local octets = length and tvb(at, length):raw()
  local line = octets and parse(octets)
  if not line then return { length = tvb:len() - at } end
  local follows = learn(stream, side, other, line, frame)
  if follows then table.insert(side.expects, 1, follows) end
  return { line = line, octets = octets, length = length }
end

-- Later passes come in any order and look up what was decided. A frame may be given in several pieces, which come in
-- order; what stands behind the last thing decided is the beginning of a line that ends in a later frame.
local function recall(decided, tvb, at)
  local item = decided[decided.cursor]
  if not item or item.length > tvb:len() - at then return nil end
  if item.octets and tvb(at, item.length):raw() ~= item.octets then return nil end
  decided.cursor = decided.cursor + 1
  return item
end

function xproto.dissector(tvb, pinfo, root)
  if tvb:len() == 0 then return 0 end
  local stream = stream_of()
  local side, other = side_of(stream, pinfo)
  pinfo.cols.protocol = "xproto"
  pinfo.cols.info = stream.S == side and "S:" or "C:"
  local tree = root:add(xproto, tvb())
  side.frames[pinfo.number] = side.frames[pinfo.number] or { cursor = 1 }
  local decided = side.frames[pinfo.number]
  local at = 0
  while at < tvb:len() do
    local item
    if pinfo.visited then
      item = recall(decided, tvb, at)
    else
      item = decide(stream, side, other, tvb, at, pinfo.number)
      decided[#decided + 1] = item
    end
    if not item then
      pinfo.desegment_offset, pinfo.desegment_len = at, DESEGMENT_ONE_MORE_SEGMENT
      break
    end
    local range = tvb(at, item.length)
    if item.run then
      show_octets(tree, range, item.run, pinfo, item.whole)
    elseif item.line then
      show_line(tree, range, item.line, pinfo, other)
    else
      tree:add(f.data, range):add_proto_expert_info(e_malformed)
      pinfo.cols.info:append(" malformed")
    end
    at = at + item.length
  end
  if decided.cursor > #decided then decided.cursor = 1 end
  return tvb:len()
end

-- --- where it is found --------------------------------------------------------------------------------------------------

local tcp = DissectorTable.get("tcp.port")
local listening

function xproto.prefs_changed()
  if listening then tcp:remove(listening, xproto) end
  listening = xproto.prefs.ports
  tcp:add(listening, xproto)
end

listening = xproto.prefs.ports
tcp:add(listening, xproto)
DissectorTable.get("tls.alpn"):add("xproto/1", xproto)

-- In clear on any port: whatever begins like the greeting of a server.
xproto:register_heuristic("tcp", function(tvb, pinfo, root)
  if tvb:len() < 16 then return false end
  local first = tvb(0, 16):raw()
  if first ~= "[* TMP 99.0.3.1 " then return false end
  pinfo.conversation = xproto
  xproto.dissector(tvb, pinfo, root)
  return true
end)
