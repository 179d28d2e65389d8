# Runs one server for a test process and ends with it: when the standard input closes, for whatever reason,
# the server is stopped and its directory removed.
#
# Arguments: directory, signal that stops the server, command of the server up to its port option.
# Orders, one a line, each answered by "done": start PORT | end SIGNAL.
directory=$1
stop_signal=$2
shift 2
server=

end() {
    [ -n "$server" ] || return 0
    kill -s "$1" "$server"
    wait "$server"
    server=
}

while read -r order value; do
    case $order in
        start)
            "$@" "$value" </dev/null >"$directory/log" 2>&1 &
            server=$!
            ;;
        end) end "$value" ;;
    esac
    echo done
done

end "$stop_signal"
rm -rf -- "$directory"
