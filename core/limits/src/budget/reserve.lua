-- Takes one unit of the app's and of a token's rolling hour, both or neither. `rolling_hour/mod.rs` counts by the same
-- rules in memory and says why; a test compares both.
--
-- KEYS app, token (the app twice when it pays alone)
-- ARGV now in ms, bucket length in ms, buckets that count, a number from 0 to 1 and how long to put a call off when
--      the platform's limit is close (0 for never); then for each key its limit, what is known of it from elsewhere
--      (units, when they were counted), and units that were spent without this book
-- Gives the ms from when a unit is free or 0, units of the app that are used and the ms of the last, units of the
-- token that are used, and whether calls are slowed down.
--
-- A key is a hash: bucket number -> units, 'born' -> ms of the first unit, 'last' -> ms of the last, 'before' -> units
-- that are known from before the book was begun, 'load' -> percent and 'load_until' -> ms.
local now, length, count = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local dice, put_off = tonumber(ARGV[4]), tonumber(ARGV[5])
local bucket = math.floor(now / length)
local alone = KEYS[1] == KEYS[2]

-- By itself Lua writes a number of more than 14 digits with an exponent, which would name another field.
local function name(number) return string.format('%.0f', number) end

local function look(key, first)
  local limit, units = tonumber(ARGV[first]), tonumber(ARGV[first + 1])
  local at, owed = tonumber(ARGV[first + 2]), tonumber(ARGV[first + 3])
  local seen = {used = 0, last = 0, before = 0, load = 0, load_until = 0}
  local fields, ahead = redis.call('HGETALL', key), 0
  for i = 1, #fields, 2 do
    local field, value = fields[i], tonumber(fields[i + 1])
    local number = tonumber(field)
    if not number then
      seen[field] = value
    elseif number <= bucket - count then
      redis.call('HDEL', key, field)
    elseif number > bucket + 1 then
      -- Counted before a clock was set back; it moves to the present below.
      redis.call('HDEL', key, field)
      ahead = ahead + value
    else
      seen.used = seen.used + value
      if value > 0 and (not seen.oldest or number < seen.oldest) then seen.oldest = number end
    end
  end
  ahead = ahead + owed
  if ahead > 0 then
    redis.call('HINCRBY', key, name(bucket), ahead)
    seen.used, seen.oldest = seen.used + ahead, seen.oldest or bucket
  end
  if seen.last > now + 2 * length then
    seen.last = now + 2 * length
    redis.call('HSET', key, 'last', name(seen.last))
  end
  if seen.born and seen.born > now then
    seen.born = now
    redis.call('HSET', key, 'born', name(now))
  end

  -- What is told from the future was written by a clock that has been set back since.
  if at > now + 2 * length then at = 0 end
  local counted, missing = math.min(math.floor(at / length), bucket), 0
  if counted > bucket - count then
    if not seen.born or at < seen.born then
      -- Told from before this book: only what exceeds the most that was told so far is new.
      missing = math.max(units - seen.before, 0)
      if missing > 0 then redis.call('HSET', key, 'before', units) end
    elseif at > seen.last then
      -- Told from later: what is in here is part of it.
      missing = math.max(units - seen.used, 0)
      if missing > 0 then redis.call('HSET', key, 'last', name(at)) end
    end
  end
  if missing > 0 then
    redis.call('HINCRBY', key, name(counted), missing)
    seen.used, seen.oldest = seen.used + missing, math.min(seen.oldest or counted, counted)
  end

  seen.free = 0
  if seen.used >= limit and seen.oldest then
    seen.free = (seen.oldest + count) * length
  end
  if seen.load > 0 and seen.load_until <= now then
    redis.call('HDEL', key, 'load', 'load_until')
    seen.load = 0
  end
  return seen
end

local app = look(KEYS[1], 6)
local token = alone and app or look(KEYS[2], 10)
local free, load = math.max(app.free, token.free), math.max(app.load, token.load)
local thinned = load < 80 and 0 or (math.min(load, 99) - 75) / 25
if free == 0 and put_off > 0 and dice < thinned then free = now + put_off * (1 + dice / thinned) end

local slowed = load > 0 and 1 or 0
local granted = free == 0 and 1 or 0
for i = 1, alone and 1 or 2 do
  if granted == 1 then
    redis.call('HINCRBY', KEYS[i], name(bucket), 1)
    redis.call('HSET', KEYS[i], 'last', name(now))
    redis.call('HSETNX', KEYS[i], 'born', name(now))
  end
  -- Also after a refusal: it may have written what it was told. A key that is not there has -2.
  local seconds = redis.call('TTL', KEYS[i])
  if seconds >= -1 and seconds < count * length / 1000 then
    redis.call('EXPIRE', KEYS[i], 2 * count * length / 1000)
  end
end
return {math.floor(free), app.used + granted, granted == 1 and now or app.last, token.used + granted, slowed}
