import { REACTION_BINS } from '../ledger.ts';

/**
 * Lua scripts, each executed by Redis as one step. All keys of a script are in one slot of a cluster: those of a call by its id,
 * those of a channel by its name.
 */

/** Arguments of {@link RECORD_SCRIPT} before those of the answers. */
const RECORD_HEAD = 2;
/** Arguments of {@link RECORD_SCRIPT} for each answer. */
const RECORD_FIELDS = 8;
/** Index of the first argument of the first answer. */
const FIRST = RECORD_HEAD + 1;

/**
 * Takes an answer out of the sums, for both scripts below: `answer` decoded, `text` as it is stored. A number is taken from the text,
 * because Lua writes numbers in another way; within a string of JSON the quotes of `"value":` would have a backslash.
 */
const UNCOUNT = `
local function uncount(answer, text, add)
  add(answer.status, -1)
  if answer.status == 'replay' then return end
  add('bin:' .. math.min(${REACTION_BINS - 1}, math.floor(answer.reactionMs / 100)), -1)
  local value = text:match('"value":(-?%d[%d%.eE+-]*)')
  if value and redis.call('HDEL', KEYS[7], 'uncounted:' .. answer.sub) == 0 then add('value:' .. value, -1) end
end
local function sumUp(sums)
  for field, count in pairs(sums) do
    local isValue = field:sub(1, 6) == 'value:'
    local isUnknown = isValue and count < 0 and redis.call('HEXISTS', KEYS[3], field) == 0
    local left = isUnknown and 1 or redis.call('HINCRBY', KEYS[3], field, count)
    if isValue and left <= 0 then
      redis.call('HDEL', KEYS[3], field)
      redis.call('HINCRBY', KEYS[3], 'values', -1)
    end
  end
end`;

/**
 * Records answers of one call: of each student the one with the greatest sequence counts, the first of equal ones. It looks all of
 * them up together and writes sums, because its time is that of its commands; only what changes an answer has commands of its own.
 *
 * KEYS: answers (hash, sub → the answer that counts), ids (hash, answerId → sub), counts (hash), entries (hash, class list entry →
 * status of the answer that counts, with '!' in front where it is the student's own), order (stream), earlier (hash, sub → her answers
 * that do not count, a line each), changing (hash, of calls whose answers may be changed: `entry:` + class list entry → sub whose
 * answer counts for it by name; `uncounted:` + sub where her value came when there were too many). ARGV: seconds after which all keys
 * expire, how often an answer may be changed, then for each answer: sub, answerId, answer, status, class list entry or '', value or
 * '', bin of the reaction time, sequence or '' where the first answer counts.
 *
 * @returns for each answer: 1 when it counts now, 0 when another student has its id, else her answer that counts; that one in a list
 *   when she has changed hers too often
 */
export const RECORD_SCRIPT = `
local subs, ids = {}, {}
for i = ${FIRST}, #ARGV, ${RECORD_FIELDS} do
  subs[#subs + 1] = ARGV[i]
  ids[#ids + 1] = ARGV[i + 1]
end
local stands = redis.call('HMGET', KEYS[1], unpack(subs))
local owners = redis.call('HMGET', KEYS[2], unpack(ids))
local out, own, taken, before = {}, {}, {}, {}
local answers, claims, sums, counted, values = {}, {}, {}, {}, nil
local function add(field, by) sums[field] = (sums[field] or 0) + (by or 1) end
local entries, listed, changed = {}, {}, {}
for i = ${FIRST}, #ARGV, ${RECORD_FIELDS} do
  if ARGV[i + 4] ~= '' then entries[#entries + 1] = ARGV[i + 4] end
end
if #entries > 0 then
  for k, status in ipairs(redis.call('HMGET', KEYS[4], unpack(entries))) do listed[entries[k]] = status end
end
${UNCOUNT}
local function enter(entry, status, sub, mayChange)
  local known = listed[entry]
  if known and (entry ~= sub or known:sub(1, 1) == '!') then return end
  if known then add('listed:' .. known:gsub('!', ''), -1) end
  add('listed:' .. status)
  listed[entry] = (entry == sub and '!' or '') .. status
  changed[entry] = true
  if mayChange and entry ~= sub then redis.call('HSET', KEYS[7], 'entry:' .. entry, sub) end
end
local function leave(entry, sub)
  local known = listed[entry]
  if known == nil then known = redis.call('HGET', KEYS[4], entry) end
  listed[entry] = known
  if not known or (known:sub(1, 1) == '!') ~= (entry == sub) then return end
  if entry ~= sub and redis.call('HGET', KEYS[7], 'entry:' .. entry) ~= sub then return end
  add('listed:' .. known:gsub('!', ''), -1)
  listed[entry], changed[entry] = false, true
end
local function isCounted(field)
  if counted[field] == nil then
    counted[field] = redis.call('HEXISTS', KEYS[3], field) == 1
    if not counted[field] then
      values = values or tonumber(redis.call('HGET', KEYS[3], 'values') or 0)
      counted[field] = values < 200
      if counted[field] then values = redis.call('HINCRBY', KEYS[3], 'values', 1) end
    end
  end
  return counted[field]
end
local function count(sub, i)
  local status, entry, value, mayChange = ARGV[i + 3], ARGV[i + 4], ARGV[i + 5], ARGV[i + 7] ~= ''
  add(status)
  if entry ~= '' then enter(entry, status, sub, mayChange) end
  if status ~= 'replay' then
    add('bin:' .. ARGV[i + 6])
    if value ~= '' then
      if isCounted('value:' .. value) then add('value:' .. value)
      elseif mayChange then redis.call('HSET', KEYS[7], 'uncounted:' .. sub, 1) end
    end
  end
  redis.call('XADD', KEYS[5], 'MAXLEN', '~', 1000, '*', 'sub', sub)
end
for k, sub in ipairs(subs) do
  local id, i = ids[k], ${FIRST} + (k - 1) * ${RECORD_FIELDS}
  local answer, sequence = ARGV[i + 2], tonumber(ARGV[i + 7]) or 0
  local known, owner = own[sub] or stands[k], taken[id] or owners[k]
  if known and (sequence == 0 or owner == sub) then
    out[k] = known
  elseif owner then
    out[k] = 0
  elseif not known then
    own[sub], taken[id], out[k] = answer, sub, 1
    claims[#claims + 1], claims[#claims + 2] = id, sub
    count(sub, i)
  else
    before[sub] = before[sub] or redis.call('HGET', KEYS[6], sub) or ''
    local _, changes = before[sub]:gsub('\\n', '')
    if changes >= tonumber(ARGV[2]) then
      out[k] = { known }
    else
      taken[id] = sub
      claims[#claims + 1], claims[#claims + 2] = id, sub
      local decoded = cjson.decode(known)
      local wins = sequence > (decoded.sequence or 0)
      before[sub] = before[sub] .. (wins and known or answer) .. '\\n'
      redis.call('HSET', KEYS[6], sub, before[sub])
      if wins then
        uncount(decoded, known, add)
        if decoded.rosterId ~= cjson.null then leave(decoded.rosterId, sub) end
        own[sub], out[k] = answer, 1
        count(sub, i)
      else
        out[k] = known
      end
    end
  end
end
for k, sub in ipairs(subs) do
  local last, answer = own[sub], ARGV[${FIRST} + (k - 1) * ${RECORD_FIELDS} + 2]
  if last and type(out[k]) == 'table' then out[k] = { last }
  elseif last and out[k] ~= 0 and (out[k] ~= 1 or last ~= answer) then out[k] = last end
end
for sub, answer in pairs(own) do answers[#answers + 1], answers[#answers + 2] = sub, answer end
if #answers > 0 then redis.call('HSET', KEYS[1], unpack(answers)) end
if #claims > 0 then redis.call('HSET', KEYS[2], unpack(claims)) end
local flat, gone = {}, {}
for entry in pairs(changed) do
  if listed[entry] then flat[#flat + 1], flat[#flat + 2] = entry, listed[entry] else gone[#gone + 1] = entry end
end
if #flat > 0 then redis.call('HSET', KEYS[4], unpack(flat)) end
if #gone > 0 then redis.call('HDEL', KEYS[4], unpack(gone)) end
sumUp(sums)
for k = 1, #KEYS do redis.call('EXPIRE', KEYS[k], ARGV[1]) end
return out`;

/**
 * Erases the answers of one student, and what was counted of them. The stream is written anew: an entry that is deleted from it (XDEL)
 * stays in Redis's files.
 *
 * KEYS: as for {@link RECORD_SCRIPT}, and roster (set, class list entries of versions up to 0.2.0). ARGV: sub, answerId, the answer that
 * counts as it is stored, class list entry or ''.
 *
 * @returns 1 when they were erased; 0 when another one counts now, or none
 */
export const ERASE_ANSWER_SCRIPT = `
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[3] then return 0 end
local sums = {}
${UNCOUNT}
uncount(cjson.decode(ARGV[3]), ARGV[3], function(field, by) sums[field] = by end)
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('HDEL', KEYS[2], ARGV[2])
for id in (redis.call('HGET', KEYS[6], ARGV[1]) or ''):gmatch('"answerId":"([%w_-]+)"') do redis.call('HDEL', KEYS[2], id) end
redis.call('HDEL', KEYS[6], ARGV[1])
sumUp(sums)
if ARGV[4] ~= '' then
  local counting = redis.call('HGET', KEYS[4], ARGV[4])
  if counting and (counting:sub(1, 1) ~= '!' or ARGV[4] == ARGV[1]) then
    redis.call('HDEL', KEYS[4], ARGV[4])
    redis.call('HINCRBY', KEYS[3], 'listed:' .. counting:gsub('!', ''), -1)
  end
  redis.call('HDEL', KEYS[7], 'entry:' .. ARGV[4])
  redis.call('SREM', KEYS[8], ARGV[4])
end
local order = redis.call('XRANGE', KEYS[5], '-', '+')
local ttl = redis.call('PTTL', KEYS[5])
redis.call('DEL', KEYS[5])
for _, entry in ipairs(order) do
  if entry[2][2] ~= ARGV[1] then redis.call('XADD', KEYS[5], entry[1], unpack(entry[2])) end
end
if ttl > 0 then redis.call('PEXPIRE', KEYS[5], ttl) end
return 1`;

/**
 * Erases one answer that was changed.
 *
 * KEYS: earlier, ids, as for {@link RECORD_SCRIPT}. ARGV: sub, answerId.
 */
export const ERASE_CHANGED_SCRIPT = `
local left = ''
for line in (redis.call('HGET', KEYS[1], ARGV[1]) or ''):gmatch('[^\\n]+') do
  if not line:find('"answerId":"' .. ARGV[2] .. '"', 1, true) then left = left .. line .. '\\n' end
end
if left == '' then redis.call('HDEL', KEYS[1], ARGV[1]) else redis.call('HSET', KEYS[1], ARGV[1], left) end
redis.call('HDEL', KEYS[2], ARGV[2])
return 1`;

/**
 * Opens a call, unless the window of the newest one is open.
 *
 * KEYS: calls (hash, id → call), newest (string), version (string). ARGV: id, call, the server's time, seconds after which it expires,
 * the new version.
 *
 * @returns the call that is open already, or nil
 */
export const OPEN_SCRIPT = `
local newest = redis.call('GET', KEYS[2])
local raw = newest and redis.call('HGET', KEYS[1], newest)
if raw then
  local call = cjson.decode(raw)
  if call.windowMs > 0 and tonumber(ARGV[3]) < call.atProgramTimeMs + call.windowMs then return raw end
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[4])
redis.call('SET', KEYS[2], ARGV[1], 'EX', ARGV[4])
redis.call('SET', KEYS[3], ARGV[5], 'EX', ARGV[4])
return false`;

/**
 * Replaces a call, if neither it nor the newest call has changed meanwhile. Calls are compared as text, because Lua's JSON turns an
 * empty list into an object.
 *
 * KEYS: calls, version, newest. ARGV: id, the call as it was, the changed call, seconds after which it expires, the new version,
 * the newest call's id or '' for none.
 *
 * @returns 1 when it was replaced, else 0
 */
export const CHANGE_SCRIPT = `
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
if (redis.call('GET', KEYS[3]) or '') ~= ARGV[6] then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
redis.call('SET', KEYS[2], ARGV[5], 'EX', ARGV[4])
return 1`;

/**
 * Replaces a class list, if it has not changed meanwhile.
 *
 * KEYS: roster, version. ARGV: the version as it was, the list, the new version.
 *
 * @returns 1 when it was replaced, else 0
 */
export const REPLACE_ROSTER_SCRIPT = `
if (redis.call('GET', KEYS[2]) or '') ~= ARGV[1] then return 0 end
redis.call('MSET', KEYS[1], ARGV[2], KEYS[2], ARGV[3])
return 1`;
