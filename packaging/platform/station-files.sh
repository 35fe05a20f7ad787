# What add-station and remove-station share: the broker's files are changed by one of them at a time, and all or nothing. Read with `.`, not
# run. Wants $program, $here, $station and $folder.

fail() {
    printf '%s: %s\n' "$program" "$*" >&2
    exit 1
}

check_names() {
    case $station in
        *[!A-Za-z0-9_.-]* | -* | '') fail "$station: letters, digits, _, . and - only" ;;
        abs-platform | integrator) fail "$station is no station" ;;
    esac
    [ "${#station}" -le 40 ] || fail "$station: 40 characters at most"
    [ -w "$folder/acl" ] || fail "$folder/acl cannot be written"
}

# Alone with this folder until this program ends: two that read the same file would lose what one of them writes.
lock_folder() {
    exec 9<"$folder"
    flock -w 30 9 || fail "$folder is in use"
    umask 077
    new=$(mktemp "$folder/.new.XXXXXX")
    trap 'rm -f "$new" ${clear:+"$clear"}' EXIT
    trap 'exit 130' INT TERM
}

# Puts $new in the place of a file, all or nothing, with its owner and mode. The broker reads it as its own user: what root alone may read
# becomes root:mosquitto 0640, as Debian has it.
put_new() {
    if [ -e "$1" ]; then chown --reference="$1" "$new" && chmod --reference="$1" "$new"; fi
    if [ "$(stat -c %U:%G "$new")" = root:root ] && getent group mosquitto >/dev/null; then
        chgrp mosquitto "$new" && chmod 640 "$new"
    fi
    mv "$new" "$1"
}

# The passwords of all but the station. Names are compared as text and whole: st.1 is not st-1, 10 is not 1e1.
other_passwords() {
    [ ! -e "$folder/passwords" ] || awk -F: -v name="$station" '$1 "" != name ""' "$folder/passwords"
}

# The rights of all but the station: its `user` lines and what follows each, up to the next. Comments and patterns belong to nobody and stay.
other_rights() {
    awk -v name="$station" '
        $1 == "user" { its = NF == 2 && $2 "" == name "" }
        its && $1 ~ /^(user|topic)$/ || $0 == "" && lines[count] == "" { next }
        { lines[++count] = $0 }
        END {
            while (count && lines[count] == "") count--
            for (at = 1; at <= count; at++) print lines[at]
        }' "$folder/acl"
}

# `swap-kiosk platform ...`, as the user whose name the database knows, and whose key signs.
run_platform() {
    command=$(readlink -f "$here/../../.venv/bin/swap-kiosk" || true)
    [ -x "$command" ] || command=$(command -v swap-kiosk) || fail 'the command swap-kiosk is not there: packaging/set-up platform installs it'
    set -- "$command" platform "$@"
    if [ "$(id -u)" = 0 ] && id swap-platform >/dev/null 2>&1; then
        set -- runuser -u swap-platform -- env "SWAP_KIOSK_DATA=${SWAP_KIOSK_DATA:-/var/lib/swap-platform}" "$@"
    fi
    "$@" >&2
}
