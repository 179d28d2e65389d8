-- Takes one unit of the app's and of a token's rolling hour, both or neither.
-- KEYS app, token (the app twice when it pays alone)
-- ARGV now in ms, bucket length in ms, buckets that count, the app's limit, the token's limit
-- A key is a hash: bucket number -> units, and 'blocked' -> ms. Gives 0, or the ms from when a unit is free.
local now, length, count = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local bucket = math.floor(now / length)

local function free_from(key, limit)
  local fields = redis.call('HGETALL', key)
  local used, oldest, blocked = 0, nil, 0
  for i = 1, #fields, 2 do
    if fields[i] == 'blocked' then
      blocked = tonumber(fields[i + 1])
    else
      local number = tonumber(fields[i])
      if number <= bucket - count then
        redis.call('HDEL', key, fields[i])
      else
        used = used + tonumber(fields[i + 1])
        if not oldest or number < oldest then oldest = number end
      end
    end
  end
  if blocked > now then return blocked end
  if used >= limit and oldest then return (oldest + count) * length end
  return 0
end

local free = free_from(KEYS[1], tonumber(ARGV[4]))
if KEYS[2] ~= KEYS[1] then free = math.max(free, free_from(KEYS[2], tonumber(ARGV[5]))) end
if free > 0 then return free end

local field = string.format('%.0f', bucket)
for i = 1, (KEYS[2] ~= KEYS[1]) and 2 or 1 do
  redis.call('HINCRBY', KEYS[i], field, 1)
  if redis.call('TTL', KEYS[i]) < count * length / 1000 then
    redis.call('EXPIRE', KEYS[i], 2 * count * length / 1000)
  end
end
return 0
