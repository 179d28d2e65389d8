-- Returns one unit. KEYS one or two budgets   ARGV number of the bucket that it was taken from
for _, key in ipairs(KEYS) do
  if tonumber(redis.call('HGET', key, ARGV[1]) or '0') > 0 then redis.call('HINCRBY', key, ARGV[1], -1) end
end
return 0
