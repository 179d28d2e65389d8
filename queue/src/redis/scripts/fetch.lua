-- ARGV: a mark for these leases, the most jobs to lease, length of a lease in milliseconds, attempts a job
-- gets, dead letters to keep. Returns ids, stored jobs, milliseconds to the next event or -1, expired leases,
-- unreadable jobs, keys set aside.
local CHUNK = 100
local mark, most, lease = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local max_attempts, cap = tonumber(ARGV[4]), tonumber(ARGV[5])
if redis.call('EXISTS', PAUSED) == 1 then return {{}, {}, -1, 0, 0, 0} end

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
  local id = key:match('^[^:]*:(.*)$') or key
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
local ids, groups = {}, redis.call('LLEN', RING)
local steps = most * 2 + CHUNK
while #ids < most and groups > 0 and steps > 0 do
  steps = steps - 1
  local turn = math.max(1, math.floor((most - #ids) / groups))
  local group = redis.call('LPOP', RING)
  if not group then break end
  local some = redis.pcall('LPOP', LINE .. group, turn)
  if type(some) == 'table' and some.err then
    redis.call('RENAME', LINE .. group, LINE .. group .. ':set-aside')
    set_aside = set_aside + 1
    some = false
  end
  if some then
    for _, id in ipairs(some) do ids[#ids + 1] = id end
  end
  if some and #some == turn and redis.call('LLEN', LINE .. group) > 0 then
    redis.call('RPUSH', RING, group)
  else
    groups = groups - 1
  end
end

local leased, jobs, scores = {}, {}, {}
if #ids > 0 then
  local values = redis.call('HMGET', DATA, unpack(ids))
  for i, id in ipairs(ids) do
    if readable(id, values[i]) then
      leased[#leased + 1], jobs[#jobs + 1] = id, values[i]
      scores[#scores + 1], scores[#scores + 2] = now + lease, mark .. ':' .. id
    end
  end
  if #scores > 0 then redis.call('ZADD', LEASES, unpack(scores)) end
end

local delayed, leases = first_of(DELAYED), first_of(LEASES)
local next_event = math.min(delayed or math.huge, leases or math.huge)
next_event = next_event == math.huge and -1 or math.max(next_event - now, 0)
if #due + #expired > 0 then ring_bell() end
return {leased, jobs, next_event, #expired, unreadable, set_aside}
