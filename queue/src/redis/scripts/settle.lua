-- ARGV: dead letters to keep, then for each lease its key, how it ends and an argument: d done; l later and
-- a again, with milliseconds to wait; b bury, with a reason; r release. Returns how many leases were gone, and
-- keys set aside.
local lost, cap = 0, tonumber(ARGV[1])
check_types()

local function put_off(id, value, group, attempts, wait)
  redis.call('HSET', DATA, id, with_head(value, attempts, now + wait, group))
  if wait > 0 then
    redis.call('ZADD', DELAYED, now + wait, id)
  else
    line_up(id, group, 'RPUSH')
  end
end

-- Almost every job is done: all of those in three commands.
local done, finished = {}, {}
for i = 2, #ARGV, 3 do
  if ARGV[i + 1] == 'd' then done[#done + 1] = ARGV[i] end
end
if #done > 0 then
  for i, held in ipairs(redis.call('ZMSCORE', LEASES, unpack(done))) do
    if held then finished[#finished + 1] = id_of(done[i]) end
  end
  lost = #done - #finished
end
if #finished > 0 then
  redis.call('ZREM', LEASES, unpack(done))
  redis.call('HDEL', DATA, unpack(finished))
end

local function settle(id, how, argument)
  local value = redis.call('HGET', DATA, id)
  local group, attempts = unpack_head(value)
  if not group then
    bury(id, value, 'the stored job is not readable', cap)
  elseif how == 'r' then
    line_up(id, group, 'LPUSH')
  elseif how == 'l' then
    put_off(id, value, group, attempts, tonumber(argument))
  elseif how == 'a' then
    put_off(id, value, group, attempts + 1, tonumber(argument))
  else
    bury(id, with_head(value, attempts + 1, now, group), argument, cap)
  end
end

for i = 2, #ARGV, 3 do
  local key, how = ARGV[i], ARGV[i + 1]
  if how ~= 'd' then
    if redis.call('ZREM', LEASES, key) == 1 then
      settle(id_of(key), how, ARGV[i + 2])
    else
      lost = lost + 1
    end
  end
end
ring_bell()
return {lost, set_aside}
