/**
 * What Redis does in one go. All keys of a script lie in one slot: those of a call by its id, those of a channel by its name.
 */

/** What stands for each answer in {@link RECORD_SCRIPT}'s arguments. */
export const RECORD_FIELDS = 7;

/**
 * Records answers of one call; the first of a student stands.
 *
 * KEYS: answers (hash, sub → answer), ids (hash, answerId → sub), counts (hash), roster (set), order (stream). ARGV: seconds that
 * all of it is kept, then for each answer: sub, answerId, answer, status, entry of the roster or '', value or '', reaction's bin.
 *
 * @returns for each answer: 1 it stands now, 0 its id is somebody else's, or the answer that stood before
 */
export const RECORD_SCRIPT = `
local out = {}
for i = 2, #ARGV, ${RECORD_FIELDS} do
  local sub, id = ARGV[i], ARGV[i + 1]
  local known = redis.call('HGET', KEYS[1], sub)
  if known then
    out[#out + 1] = known
  elseif redis.call('HEXISTS', KEYS[2], id) == 1 then
    out[#out + 1] = 0
  else
    local status, entry, value, bin = ARGV[i + 3], ARGV[i + 4], ARGV[i + 5], ARGV[i + 6]
    redis.call('HSET', KEYS[1], sub, ARGV[i + 2])
    redis.call('HSET', KEYS[2], id, sub)
    redis.call('HINCRBY', KEYS[3], status, 1)
    if entry ~= '' then redis.call('SADD', KEYS[4], entry) end
    if status ~= 'replay' then
      redis.call('HINCRBY', KEYS[3], 'bin:' .. bin, 1)
      if value ~= '' then
        local field = 'value:' .. value
        local isNew = redis.call('HEXISTS', KEYS[3], field) == 0
        if not isNew or redis.call('HINCRBY', KEYS[3], 'values', 1) <= 200 then
          redis.call('HINCRBY', KEYS[3], field, 1)
        end
      end
    end
    redis.call('XADD', KEYS[5], 'MAXLEN', '~', 1000, '*', 'sub', sub)
    out[#out + 1] = 1
  end
end
for k = 1, #KEYS do redis.call('EXPIRE', KEYS[k], ARGV[1]) end
return out`;

/**
 * Opens a call, unless the newest one's window runs.
 *
 * KEYS: calls (hash, id → call), newest (string). ARGV: id, call, the server's time, seconds that it is kept.
 *
 * @returns the call that is in the way, or nil
 */
export const OPEN_SCRIPT = `
local newest = redis.call('GET', KEYS[2])
local raw = newest and redis.call('HGET', KEYS[1], newest)
if raw then
  local call = cjson.decode(raw)
  if tonumber(ARGV[3]) < call.atProgramTimeMs + call.windowMs then return raw end
end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('SET', KEYS[2], ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[4])
redis.call('EXPIRE', KEYS[2], ARGV[4])
return false`;

/**
 * Puts a call in place of what it was, if it is that still. Lua's own JSON would make an object of an empty list.
 *
 * KEYS: calls. ARGV: id, the call as it was, as it is to be.
 *
 * @returns 1 when it was done
 */
export const CHANGE_SCRIPT = `
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
return 1`;
