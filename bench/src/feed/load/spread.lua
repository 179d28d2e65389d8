-- Asks for the paths of a file (one line each) in random order, with requests that are made beforehand.
local requests = {}

function init(arguments)
    for path in io.lines(arguments[1]) do
        requests[#requests + 1] = wrk.format("GET", path)
    end
    math.randomseed(os.time())
end

function request()
    return requests[math.random(#requests)]
end
