-- ARGV: length of a lease in milliseconds, then the keys of leases. Returns those that are gone.
local gone = {}
for i = 2, #ARGV do
  -- Removed first, because a Redis that is out of memory refuses to begin with a command that may grow.
  if redis.call('ZREM', LEASES, ARGV[i]) == 1 then
    redis.call('ZADD', LEASES, now + tonumber(ARGV[1]), ARGV[i])
  else
    gone[#gone + 1] = ARGV[i]
  end
end
return gone
