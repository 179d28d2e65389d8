-- Uses every command that any script uses, on keys of its own: where one is refused, work stands still. A full server
-- lets a script go on that has written before, so the first write is one that takes memory.
-- KEYS a hash, a list, its other name, a sorted set, a number   ARGV a channel that nobody listens to
local HASH, LIST, RENAMED, SORTED, NUMBER = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
redis.call('TIME')

redis.call('HSET', HASH, 'a', 1)
redis.call('HSETNX', HASH, 'b', 1)
redis.call('HINCRBY', HASH, 'a', 1)
redis.call('HGET', HASH, 'a')
redis.call('HMGET', HASH, 'a', 'b')
redis.call('HGETALL', HASH)
redis.call('HLEN', HASH)
redis.call('HSCAN', HASH, 0)
redis.call('HDEL', HASH, 'a', 'b')

redis.call('RPUSH', LIST, 'a')
redis.call('LPUSH', LIST, 'b')
redis.call('LLEN', LIST)
redis.call('LINDEX', LIST, 0)
redis.call('LPOS', LIST, 'a')
redis.call('LRANGE', LIST, 0, -1)
redis.call('TYPE', LIST)
redis.call('RENAME', LIST, RENAMED)
redis.call('LPOP', RENAMED, 2)

redis.call('ZADD', SORTED, 1, 'a', 2, 'b', 3, 'c')
redis.call('ZCARD', SORTED)
redis.call('ZSCORE', SORTED, 'a')
redis.call('ZMSCORE', SORTED, 'a', 'b')
redis.call('ZRANGE', SORTED, 0, 0, 'WITHSCORES')
redis.call('ZRANGEBYSCORE', SORTED, '-inf', 1, 'LIMIT', 0, 1)
redis.call('ZREVRANGE', SORTED, 0, 0)
redis.call('ZPOPMIN', SORTED, 1)
redis.call('ZREM', SORTED, 'b', 'c')

redis.call('INCRBY', NUMBER, 1)
redis.call('GET', NUMBER)
redis.call('EXISTS', NUMBER)
redis.call('TTL', NUMBER)
redis.call('EXPIRE', NUMBER, 60)
redis.call('PEXPIRE', NUMBER, 60000)
redis.call('DEL', HASH, LIST, RENAMED, SORTED)
redis.call('PUBLISH', ARGV[1], '')
return 1
