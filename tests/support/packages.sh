# shellcheck shell=bash disable=SC2034
# The Debian 12 packages that isthmus is built, shown and tested with, and the one way to install them. Sourced by
# tests/run and examples/quickstart; this is the only list.

build_packages=(
    g++ cmake ninja-build pkg-config
    libboost1.81-dev libssl-dev librocksdb-dev libisal-dev libtomlplusplus-dev libcli11-dev zlib1g-dev libzstd-dev
    libre2-dev
    libidn2-dev libpsl-dev libunbound-dev libldap-dev # delegation: domain names, and where CAs are looked up
    publicsuffix dns-root-data                        # read when it runs
)
example_packages=(openssl python3 swaks libnet-ssleay-perl)
test_packages=(
    "${example_packages[@]}"
    ccache clang-format-14 libgtest-dev libgmock-dev libbenchmark-dev # the developer's own
    libxml2-utils                                                     # xmllint holds the schemas against the samples
    postfix python3-dkim libidn12                                     # other people's mail software, to test against
    tshark                                                            # shows that examples/wireshark works
    zstd                                                              # compresses chunks, to test against
    ldnsutils ldap-utils                                              # sign zones, fill directories
    libevent-2.1-7 libfstrm0 libprotobuf-c1                           # what nsd and slapd, unpacked, need
    libargon2-1 libltdl7 libodbc2 libwrap0 libperl5.36
)

# Mail software that conflicts with Postfix as a package, and servers that would run as services once they were installed:
# only unpacked, beside the build (tests/e2e/relays.py, nameserver.py, directory_server.py).
unpacked_packages=(exim4-daemon-light opensmtpd nsd slapd)

# Unpacks the named packages into a folder, once.
unpack_packages()
{
    local folder=$1
    shift
    [ "$(cat "$folder/complete" 2>/dev/null)" != "$*" ] || return 0
    rm -rf "$folder"
    mkdir -p "$folder/archives"
    if ! (cd "$folder/archives" && apt-get -q download "$@" && for one in *.deb; do dpkg -x "$one" ..; done) \
        </dev/null >"$folder/log" 2>&1; then
        tail -n 30 "$folder/log" >&2
        echo "Could not unpack $*; the whole log is in $folder/log" >&2
        return 1
    fi
    echo "$*" >"$folder/complete"
}

# Installs those of the named packages that are absent. Asks nothing, reads no stdin, starts no mail system.
install_packages()
{
    if ! command -v dpkg-query >/dev/null; then
        echo "This is not a Debian system: cannot see whether these are installed: $*" >&2
        return 0
    fi
    local package missing=() as_root=()
    for package in "$@"; do
        [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null; then
            echo "Please install, as root: apt-get install ${missing[*]}" >&2
            return 1
        fi
        as_root=(sudo)
    fi
    echo "Installing ${#missing[@]} packages: ${missing[*]}"
    local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -o Dpkg::Use-Pty=0) log
    log=$(mktemp)
    # Without this answer the postfix package would make the machine a mail server; the tests bring a configuration.
    case " ${missing[*]} " in *" postfix "*)
        printf 'postfix postfix/main_mailer_type select No configuration\n' | "${as_root[@]}" debconf-set-selections ;;
    esac
    # And this one asks who may capture. The tests only read files.
    case " ${missing[*]} " in *" tshark "*)
        printf 'wireshark-common wireshark-common/install-setuid boolean false\n' | "${as_root[@]}" debconf-set-selections ;;
    esac
    if ! { "${apt[@]}" update && "${apt[@]}" install --yes --no-install-recommends "${missing[@]}"; } \
        </dev/null >"$log" 2>&1; then
        tail -n 30 "$log" >&2
        echo "Could not install the packages; the whole log is in $log" >&2
        return 1
    fi
    rm -f "$log"
}
