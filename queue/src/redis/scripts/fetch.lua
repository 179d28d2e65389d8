-- ARGV: a mark for these leases, the most jobs to lease, length of a lease in milliseconds, attempts a job
-- gets, dead letters to keep, then the marks of fetches whose answers were not heard. Returns ids, stored jobs,
-- milliseconds to the next event or -1, expired leases, unreadable jobs, keys set aside, 1 when there are jobs
-- that are neither leased nor delayed nor in a line, and how many jobs were taken back from those fetches.
local CHUNK, NEWEST = 100, 10000
local mark, most, lease = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local max_attempts, cap = tonumber(ARGV[4]), tonumber(ARGV[5])

local unreadable = 0
local function readable(id, value)
  local group, attempts, ready = unpack_head(value)
  if not group then
    unreadable = unreadable + 1
    bury(id, value, value and 'the stored job is not readable' or 'the stored job is missing', cap)
  end
  return group, attempts, ready
end

check_types()

-- Nobody runs or renews what an unheard fetch leased, so it costs no attempt, and is among the newest leases
-- unless far more came since; then it comes back when its lease runs out.
local unheard, taken_back = {}, 0
for i = 6, #ARGV do unheard[ARGV[i]] = true end
for _, key in ipairs(#ARGV > 5 and redis.call('ZREVRANGE', LEASES, 0, NEWEST - 1) or {}) do
  if unheard[key:sub(1, (key:find(':', 1, true) or 1) - 1)] then
    local id = id_of(key)
    redis.call('ZREM', LEASES, key)
    local group = readable(id, redis.call('HGET', DATA, id))
    if group then line_up(id, group, 'LPUSH') end
    taken_back = taken_back + 1
  end
end
if redis.call('EXISTS', PAUSED) == 1 then return {{}, {}, -1, 0, unreadable, set_aside, 0, taken_back} end

local due = redis.call('ZRANGEBYSCORE', DELAYED, '-inf', now, 'LIMIT', 0, CHUNK)
local expired = redis.call('ZRANGEBYSCORE', LEASES, '-inf', now, 'LIMIT', 0, CHUNK)
if #due > 0 then
  local values = redis.call('HMGET', DATA, unpack(due))
  redis.call('ZREM', DELAYED, unpack(due))
  for i, id in ipairs(due) do
    local group = readable(id, values[i])
    if group then line_up(id, group, 'RPUSH') end
  end
end
for _, key in ipairs(expired) do
  local id = id_of(key)
  local value = redis.call('HGET', DATA, id)
  redis.call('ZREM', LEASES, key)
  local group, attempts = readable(id, value)
  if group then
    value = with_head(value, attempts + 1, now, group)
    if attempts + 1 >= max_attempts then
      bury(id, value, 'attempt ' .. (attempts + 1) .. ' of ' .. max_attempts .. ': its lease ran out', cap)
    else
      redis.call('HSET', DATA, id, value)
      line_up(id, group, 'RPUSH')
    end
  end
end

-- The groups take turns; with fewer groups than jobs wanted, each turn is a fair part of what is wanted.
local call, pcall = redis.call, redis.pcall
local ids, found, passes = {}, 0, 0
while found < most and passes < 20 do
  passes = passes + 1
  local groups = call('LPOP', RING, most - found)
  if not groups then break end
  local turn, again, waiting = math.floor((most - found) / #groups), {}, 0
  for i = 1, #groups do
    local line = LINE .. groups[i]
    local some = pcall('LPOP', line, turn)
    if some and some.err then
      call('RENAME', line, line .. ':set-aside')
      set_aside = set_aside + 1
    elseif some then
      for j = 1, #some do ids[found + j] = some[j] end
      found = found + #some
      if #some == turn and call('LLEN', line) > 0 then
        waiting = waiting + 1
        again[waiting] = groups[i]
      end
    end
  end
  if waiting > 0 then call('RPUSH', RING, unpack(again)) end
end

local leased, jobs, scores, good = {}, {}, {}, 0
if found > 0 then
  local values = call('HMGET', DATA, unpack(ids))
  local prefix, ends = mark .. ':', now + lease
  for i = 1, found do
    if is_stored_job(values[i]) or readable(ids[i], values[i]) then
      good = good + 1
      leased[good], jobs[good] = ids[i], values[i]
      scores[good * 2 - 1], scores[good * 2] = ends, prefix .. ids[i]
    end
  end
  if good > 0 then call('ZADD', LEASES, unpack(scores)) end
end

local delayed, leases = first_of(DELAYED), first_of(LEASES)
local next_event = math.min(delayed or math.huge, leases or math.huge)
next_event = next_event == math.huge and -1 or math.max(next_event - now, 0)
if #due + #expired + taken_back > 0 then ring_bell() end

-- With the ring empty, every job is delayed or leased, unless one of our keys was evicted or deleted.
local adrift = found < most and call('LLEN', RING) == 0
  and call('HLEN', DATA) > call('ZCARD', DELAYED) + call('ZCARD', LEASES)
return {leased, jobs, next_event, #expired, unreadable, set_aside, adrift and 1 or 0, taken_back}
