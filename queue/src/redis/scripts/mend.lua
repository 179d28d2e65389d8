-- Renames keys of the class that hold another type than the queue's, puts groups that have a line but lost their
-- place in the ring back, and lines up jobs that are neither delayed nor leased nor in a line. ARGV: a cursor into
-- the jobs. Returns the next cursor, the names renamed, and how many jobs were lined up.
local DATA, RING, DELAYED, LEASES, LINE, BELL = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[8], KEYS[9]
local renamed = {}
local TYPES = {'hash', 'list', 'zset', 'zset', 'zset', 'hash'}
for i, expected in ipairs(TYPES) do
  local found = redis.call('TYPE', KEYS[i]).ok
  if found ~= 'none' and found ~= expected then
    redis.call('RENAME', KEYS[i], KEYS[i] .. ':set-aside')
    renamed[#renamed + 1] = KEYS[i]
  end
end

-- Leases are as many as all workers run at once, and a lease's key is a mark, a colon and the job's id.
local leased = {}
for _, key in ipairs(redis.call('ZRANGE', LEASES, 0, -1)) do
  leased[key:sub((key:find(':', 1, true) or 0) + 1)] = true
end

-- The group of a stored job. What cannot be read takes the line of the empty group, at whose end it is found so.
local function group_of(value)
  if #value < 9 then return '' end
  local _, _, _, length = struct.unpack('>BI2I4I2', value)
  return value:sub(10, 9 + length)
end

local page = redis.call('HSCAN', DATA, ARGV[1], 'COUNT', 200)
local seen, adrift = {}, 0
for i = 1, #page[2], 2 do
  local id, group = page[2][i], group_of(page[2][i + 1])
  local line = LINE .. group
  local waiting = redis.pcall('LLEN', line)
  if type(waiting) ~= 'number' then
    redis.call('RENAME', line, line .. ':set-aside')
    renamed[#renamed + 1] = line
    waiting = 0
  end
  if not leased[id] and not redis.call('ZSCORE', DELAYED, id) and not redis.call('LPOS', line, id) then
    waiting = redis.call('RPUSH', line, id)
    adrift = adrift + 1
  end
  if waiting > 0 and not seen[group] and not redis.call('LPOS', RING, group) then
    redis.call('RPUSH', RING, group)
  end
  seen[group] = waiting > 0
end
if adrift > 0 then redis.call('PUBLISH', BELL, '') end
return {page[1], renamed, adrift}
