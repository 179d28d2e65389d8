-- Adds ARGV[1] to the count of KEYS[1], which is forgotten after ARGV[2] seconds.
local sum = redis.call('INCRBY', KEYS[1], ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[2])
return sum
