-- Shared by every script of the queue. All keys of a class are in one cluster slot, and every script reads the
-- keys it will write before it writes any, so that a foreign key makes it fail as a whole.
local DATA, RING, DELAYED, LEASES = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local DEAD_AT, DEAD, PAUSED, LINE, BELL = KEYS[5], KEYS[6], KEYS[7], KEYS[8], KEYS[9]

-- Workers' clocks do not matter: all times are Redis' own, in milliseconds.
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)

-- A stored job: version, attempts used, second since which it is or will be ready, length of the group, then
-- the group and the payload.
local HEAD, HEAD_LENGTH, VERSION = '>BI2I4I2', 9, 1
local set_aside = 0

local function pack(attempts, ready_ms, group, payload)
  return struct.pack(HEAD, VERSION, attempts, math.floor(ready_ms / 1000), #group) .. group .. payload
end

-- Group, attempts and second of a stored job; nothing when it is missing or not ours.
local function unpack_head(value)
  if not value or #value < HEAD_LENGTH then return nil end
  local version, attempts, ready, length = struct.unpack(HEAD, value)
  if version ~= VERSION or #value < HEAD_LENGTH + length then return nil end
  return value:sub(HEAD_LENGTH + 1, HEAD_LENGTH + length), attempts, ready
end

-- The same check without taking the value apart.
local function is_stored_job(value)
  return value and #value >= HEAD_LENGTH and value:byte() == VERSION
end

local function with_head(value, attempts, ready_ms, group)
  return struct.pack(HEAD, VERSION, math.min(attempts, 65535), math.floor(ready_ms / 1000), #group)
    .. value:sub(HEAD_LENGTH + 1)
end

-- The job's id in the key of a lease, which is a mark without colons, a colon and the id.
local function id_of(lease)
  return lease:sub((lease:find(':', 1, true) or 0) + 1)
end

-- Puts a job into its group's line; a group is in the ring while its line is not empty. A key of somebody else
-- in the line's place is renamed.
local function line_up(id, group, command)
  local line = LINE .. group
  local length = redis.pcall(command, line, id)
  if type(length) == 'table' then
    if not string.find(length.err, 'WRONGTYPE', 1, true) then error(length.err) end
    redis.call('RENAME', line, line .. ':set-aside')
    set_aside = set_aside + 1
    length = redis.call(command, line, id)
  end
  if length == 1 then redis.call(command, RING, group) end
end

-- Fails now rather than half way through.
local function check_types()
  redis.call('HLEN', DATA)
  redis.call('ZCARD', LEASES)
  redis.call('ZCARD', DEAD_AT)
  redis.call('HLEN', DEAD)
end

-- Moves a job to the dead letters and drops the oldest of those beyond the cap.
local function bury(id, value, reason, cap)
  redis.call('HDEL', DATA, id)
  redis.call('ZADD', DEAD_AT, now, id)
  redis.call('HSET', DEAD, id, struct.pack('>I2', #reason) .. reason .. (value or ''))
  local extra = math.min(redis.call('ZCARD', DEAD_AT) - cap, 100)
  if extra > 0 then
    local oldest = redis.call('ZPOPMIN', DEAD_AT, extra)
    for i = 1, #oldest, 2 do redis.call('HDEL', DEAD, oldest[i]) end
  end
end

local function first_of(key)
  local first = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')[2]
  return first and tonumber(first)
end

-- Idle workers listen: they must hear of the first ready job and of an earlier time to wake up at, not of more.
local quiet = redis.call('LLEN', RING) == 0
local first_delayed = first_of(DELAYED)
local function ring_bell()
  local earliest = first_of(DELAYED)
  local sooner = earliest and (not first_delayed or earliest < first_delayed)
  if sooner or (quiet and redis.call('LLEN', RING) > 0) then redis.call('PUBLISH', BELL, '') end
end
