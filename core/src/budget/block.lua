-- Closes a budget until a moment; the later of two moments counts.
-- KEYS the budget   ARGV until in ms, ms from now until then
local known = tonumber(redis.call('HGET', KEYS[1], 'blocked') or '0')
if tonumber(ARGV[1]) > known then redis.call('HSET', KEYS[1], 'blocked', ARGV[1]) end
local seconds = math.ceil(tonumber(ARGV[2]) / 1000) + 7200
if redis.call('TTL', KEYS[1]) < seconds then redis.call('EXPIRE', KEYS[1], seconds) end
return 0
