-- ARGV: for each job its id, group, payload and delay in milliseconds. Returns how many were new.
local new = 0
for i = 1, #ARGV, 4 do
  local id, group, delay = ARGV[i], ARGV[i + 1], tonumber(ARGV[i + 3])
  if redis.call('HSETNX', DATA, id, pack(0, now + delay, group, ARGV[i + 2])) == 1 then
    new = new + 1
    if delay > 0 then
      redis.call('ZADD', DELAYED, now + delay, id)
    else
      line_up(id, group, 'RPUSH')
    end
  end
end
ring_bell()
return {new, set_aside}
