-- Renames keys of the class that hold another type than the queue's, and puts groups that have a line but lost
-- their place in the ring back. ARGV: a cursor into the jobs. Returns the next cursor and the names renamed.
local renamed = {}
local TYPES = {'hash', 'list', 'zset', 'zset', 'zset', 'hash'}
for i, expected in ipairs(TYPES) do
  local found = redis.call('TYPE', KEYS[i]).ok
  if found ~= 'none' and found ~= expected then
    redis.call('RENAME', KEYS[i], KEYS[i] .. ':set-aside')
    renamed[#renamed + 1] = KEYS[i]
  end
end

local page = redis.call('HSCAN', KEYS[1], ARGV[1], 'COUNT', 200)
local seen = {}
for i = 2, #page[2], 2 do
  local value = page[2][i]
  if #value >= 9 then
    local _, _, _, length = struct.unpack('>BI2I4I2', value)
    local group = value:sub(10, 9 + length)
    if not seen[group] then
      seen[group] = true
      local waiting = redis.pcall('LLEN', KEYS[8] .. group)
      if type(waiting) == 'number' and waiting > 0 and not redis.call('LPOS', KEYS[2], group) then
        redis.call('RPUSH', KEYS[2], group)
      end
    end
  end
end
return {page[1], renamed}
