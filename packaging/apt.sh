# Installing Debian packages without a question and without starting a service. Sourced by set-up and system-packages, which define say.
# shellcheck shell=sh

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

may_install() {
    command -v apt-get >/dev/null || return 1
    [ "$(id -u)" = 0 ] || { command -v sudo >/dev/null && sudo -n true 2>/dev/null; }
}

apt_get() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=120 -o Dpkg::Use-Pty=0 "$@" </dev/null >&2
}

# The tests run a broker, a database and a print system of their own: Debian's packages shall neither start theirs now nor at the next boot. policy-rc.d is
# how Debian asks whether a service may start; one that is already there is left alone.
policy=/usr/sbin/policy-rc.d
policy_mark='# put here by the set-up of swap-kiosk while it installs packages'

hold_services() {
    [ -e "$policy" ] || {
        printf '#!/bin/sh\n%s\nexit 101\n' "$policy_mark" | as_root tee "$policy" >/dev/null
        as_root chmod 755 "$policy"
    }
}

release_services() {
    if grep -q "$policy_mark" "$policy" 2>/dev/null; then as_root rm -f "$policy"; fi
}

is_there() { [ -e "/lib/systemd/system/$1.service" ] || [ -e "/usr/lib/systemd/system/$1.service" ]; }

apt_install() {
    say "installing system packages: $*"
    new_services=
    for each in mosquitto postgresql cups; do is_there "$each" || new_services="$new_services $each"; done
    trap release_services EXIT
    trap 'exit 130' INT TERM
    hold_services
    # Package lists may be absent or out of date: they are fetched only when the first try fails.
    apt_get install --no-install-recommends "$@" 2>/dev/null || {
        apt_get update || say 'apt-get update failed; trying with the lists at hand'
        apt_get install --no-install-recommends "$@" || return 1
    }
    release_services
    [ -d /run/systemd/system ] || return 0
    for each in $new_services; do
        ! is_there "$each" || as_root systemctl disable --quiet "$each.service" || say "the service $each is left enabled"
    done
}
