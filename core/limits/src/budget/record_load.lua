-- Notes how close the platform's limit is. KEYS the budget
-- ARGV percent, from which percentage on it matters, until when it is believed in ms
if tonumber(ARGV[1]) < tonumber(ARGV[2]) then return redis.call('HDEL', KEYS[1], 'load', 'load_until') end
redis.call('HSET', KEYS[1], 'load', ARGV[1], 'load_until', ARGV[3])
if redis.call('TTL', KEYS[1]) < 7200 then redis.call('EXPIRE', KEYS[1], 7200) end
return 0
