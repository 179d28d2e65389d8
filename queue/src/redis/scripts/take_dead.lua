-- ARGV: `redrive` or `discard`, how many of the oldest, then ids. Returns how many were taken, how many of
-- them count, and keys set aside. Unreadable letters cannot be made ready and are dropped.
local redrive, oldest = ARGV[1] == 'redrive', tonumber(ARGV[2])
local ids = oldest > 0 and redis.call('ZRANGE', DEAD_AT, 0, oldest - 1) or {unpack(ARGV, 3)}
local taken, counted = 0, 0
check_types()
for _, id in ipairs(ids) do
  local record = redis.call('HGET', DEAD, id)
  if redis.call('ZREM', DEAD_AT, id) == 1 then
    taken = taken + 1
    redis.call('HDEL', DEAD, id)
    if not redrive then
      counted = counted + 1
    elseif record then
      local value = record:sub(3 + struct.unpack('>I2', record))
      local group = unpack_head(value)
      if group and redis.call('HSETNX', DATA, id, with_head(value, 0, now, group)) == 1 then
        line_up(id, group, 'RPUSH')
        counted = counted + 1
      end
    end
  end
end
if redrive then ring_bell() end
return {taken, counted, set_aside}
