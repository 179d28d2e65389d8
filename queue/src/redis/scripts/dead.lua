-- ARGV: the most to return. Returns, newest first, id, millisecond of death and the record of each dead letter.
local found = {}
local newest = redis.call('ZREVRANGE', DEAD_AT, 0, tonumber(ARGV[1]) - 1, 'WITHSCORES')
for i = 1, #newest, 2 do
  local record = redis.call('HGET', DEAD, newest[i])
  if record then found[#found + 1] = {newest[i], newest[i + 1], record} end
end
return found
