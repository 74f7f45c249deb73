/**
 * Lua scripts, each executed by Redis as one step. All keys of a script are in one slot of a cluster: those of a call by its id,
 * those of a channel by its name.
 */

/** Arguments of {@link RECORD_SCRIPT} for each answer. */
export const RECORD_FIELDS = 7;

/**
 * Records answers of one call; the first of each student counts. It looks all of them up together and writes sums, because its time
 * is that of its commands.
 *
 * KEYS: answers (hash, sub → answer), ids (hash, answerId → sub), counts (hash), entries (hash, class list entry → status of the
 * answer that counts, with '!' in front where it is the student's own), order (stream). ARGV: seconds
 * after which all keys expire, then for each answer: sub, answerId, answer, status, class list entry or '', value or '', bin of
 * the reaction time.
 *
 * @returns for each answer: 1 when it counts now, 0 when another student has its id, else the student's earlier answer
 */
export const RECORD_SCRIPT = `
local subs, ids = {}, {}
for i = 2, #ARGV, ${RECORD_FIELDS} do
  subs[#subs + 1] = ARGV[i]
  ids[#ids + 1] = ARGV[i + 1]
end
local stands = redis.call('HMGET', KEYS[1], unpack(subs))
local owners = redis.call('HMGET', KEYS[2], unpack(ids))
local out, own, taken = {}, {}, {}
local answers, claims, sums, counted = {}, {}, {}, {}
local function add(field, by) sums[field] = (sums[field] or 0) + (by or 1) end
local entries, listed, changed = {}, {}, {}
for i = 2, #ARGV, ${RECORD_FIELDS} do
  if ARGV[i + 4] ~= '' then entries[#entries + 1] = ARGV[i + 4] end
end
if #entries > 0 then
  for k, status in ipairs(redis.call('HMGET', KEYS[4], unpack(entries))) do listed[entries[k]] = status or nil end
end
local function enter(entry, status, own)
  local before = listed[entry]
  if before and (not own or before:sub(1, 1) == '!') then return end
  if before then add('listed:' .. before:gsub('!', ''), -1) end
  add('listed:' .. status)
  listed[entry] = (own and '!' or '') .. status
  changed[entry] = listed[entry]
end
for k, sub in ipairs(subs) do
  local id, i = ids[k], 2 + (k - 1) * ${RECORD_FIELDS}
  local known = stands[k] or own[sub]
  if known then
    out[k] = known
  elseif owners[k] or taken[id] then
    out[k] = 0
  else
    local answer, status, entry, value = ARGV[i + 2], ARGV[i + 3], ARGV[i + 4], ARGV[i + 5]
    own[sub], taken[id], out[k] = answer, true, 1
    answers[#answers + 1], answers[#answers + 2] = sub, answer
    claims[#claims + 1], claims[#claims + 2] = id, sub
    add(status)
    if entry ~= '' then enter(entry, status, entry == sub) end
    if status ~= 'replay' then
      add('bin:' .. ARGV[i + 6])
      if value ~= '' then
        local field = 'value:' .. value
        if counted[field] == nil then
          counted[field] = redis.call('HEXISTS', KEYS[3], field) == 1
            or redis.call('HINCRBY', KEYS[3], 'values', 1) <= 200
        end
        if counted[field] then add(field) end
      end
    end
    redis.call('XADD', KEYS[5], 'MAXLEN', '~', 1000, '*', 'sub', sub)
  end
end
if #answers > 0 then
  redis.call('HSET', KEYS[1], unpack(answers))
  redis.call('HSET', KEYS[2], unpack(claims))
end
local flat = {}
for entry, status in pairs(changed) do flat[#flat + 1], flat[#flat + 2] = entry, status end
if #flat > 0 then redis.call('HSET', KEYS[4], unpack(flat)) end
for field, count in pairs(sums) do redis.call('HINCRBY', KEYS[3], field, count) end
for k = 1, #KEYS do redis.call('EXPIRE', KEYS[k], ARGV[1]) end
return out`;

/**
 * Erases one answer, and what was counted of it. The stream is written anew: an entry that is deleted from it (XDEL) stays in Redis's
 * files.
 *
 * KEYS: as for {@link RECORD_SCRIPT}, and roster (set, class list entries of versions up to 0.2.0). ARGV: sub, answerId, answer as it is stored, status, class list entry or '', value or '', bin
 * of the reaction time.
 *
 * @returns 1 when it was erased; 0 when it is not there any more
 */
export const ERASE_ANSWER_SCRIPT = `
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[3] then return 0 end
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('HDEL', KEYS[2], ARGV[2])
redis.call('HINCRBY', KEYS[3], ARGV[4], -1)
if ARGV[4] ~= 'replay' then
  redis.call('HINCRBY', KEYS[3], 'bin:' .. ARGV[7], -1)
  local field = 'value:' .. ARGV[6]
  if ARGV[6] ~= '' and redis.call('HEXISTS', KEYS[3], field) == 1 then redis.call('HINCRBY', KEYS[3], field, -1) end
end
if ARGV[5] ~= '' then
  local counting = redis.call('HGET', KEYS[4], ARGV[5])
  if counting and (counting:sub(1, 1) ~= '!' or ARGV[5] == ARGV[1]) then
    redis.call('HDEL', KEYS[4], ARGV[5])
    redis.call('HINCRBY', KEYS[3], 'listed:' .. counting:gsub('!', ''), -1)
  end
  redis.call('SREM', KEYS[6], ARGV[5])
end
local entries = redis.call('XRANGE', KEYS[5], '-', '+')
local ttl = redis.call('PTTL', KEYS[5])
redis.call('DEL', KEYS[5])
for _, entry in ipairs(entries) do
  if entry[2][2] ~= ARGV[1] then redis.call('XADD', KEYS[5], entry[1], unpack(entry[2])) end
end
if ttl > 0 then redis.call('PEXPIRE', KEYS[5], ttl) end
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
