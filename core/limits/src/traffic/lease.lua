-- Hands out a portion of the requests that a key may make in one window.
-- KEYS[1]: requests taken so far. ARGV: limit, most of a portion, milliseconds that the window is remembered.
-- Gives the portion, and what is left for others. A portion is an eighth of what is left, so that no process
-- sits on much that it does not use while others have nothing.
local limit = tonumber(ARGV[1])
local taken = tonumber(redis.call('GET', KEYS[1]) or '0')
local left = math.max(limit - taken, 0)
local portion = math.min(math.ceil(left / 8), tonumber(ARGV[2]))
if portion > 0 then
    redis.call('INCRBY', KEYS[1], portion)
    redis.call('PEXPIRE', KEYS[1], ARGV[3])
end
return { portion, left - portion }
