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

for i = 2, #ARGV, 3 do
  local key, how, argument = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  local id = key:match('^[^:]*:(.*)$')
  if redis.call('ZREM', LEASES, key) == 0 then
    lost = lost + 1
  elseif how == 'd' then
    redis.call('HDEL', DATA, id)
  else
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
end
ring_bell()
return {lost, set_aside}
