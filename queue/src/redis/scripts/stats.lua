-- Returns ready, delayed, leased and dead, and the age of the oldest ready job in milliseconds or -1. Looks at
-- the heads of at most 256 lines.
local delayed, leased = redis.call('ZCARD', DELAYED), redis.call('ZCARD', LEASES)
local ready = quiet and 0 or math.max(redis.call('HLEN', DATA) - delayed - leased, 0)

local oldest
local function look(from, to)
  for _, group in ipairs(redis.call('LRANGE', RING, from, to)) do
    local id = redis.pcall('LINDEX', LINE .. group, 0)
    if type(id) == 'string' then
      local _, _, since = unpack_head(redis.call('HGET', DATA, id))
      if since and (not oldest or since < oldest) then oldest = since end
    end
  end
end
look(0, 127)
look(math.max(redis.call('LLEN', RING) - 128, 128), -1)

return {ready, delayed, leased, redis.call('ZCARD', DEAD_AT), oldest and math.max(now - oldest * 1000, 0) or -1}
