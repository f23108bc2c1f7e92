#!/usr/bin/env bash
# Unmodified python-openstackclient and python-cinderclient do a day's work against a server without
# authentication whose volumes are files in a directory that we can look into.
#
#   run.sh URL DIRECTORY BIN
#     URL        of the API, for instance http://127.0.0.1:8776
#     DIRECTORY  of the `file` backend
#     BIN        directory with `openstack` and `cinder` (see ../requirements-clients.txt)
#
# Ends with "clients: all done"; the first thing that is not as it should be ends it with status 1.
set -euo pipefail
url=$1 directory=$2 bin=$3
project=0123456789abcdef0123456789abcdef
export OS_AUTH_TYPE=none OS_ENDPOINT="$url/v3/$project" PYTHONWARNINGS=ignore
unset OS_CLOUD OS_AUTH_URL OS_TOKEN 2>/dev/null || true

fail() { echo "clients: $*" >&2; exit 1; }
openstack() { "$bin/openstack" "$@" || fail "failed: openstack $*"; }
cinder() {
  env -u OS_AUTH_TYPE -u OS_ENDPOINT "$bin/cinder" --os-auth-type noauth --os-endpoint "$url/v3" --os-project-id "$project" \
    --os-user-id tester --os-volume-api-version 3.71 "$@" || fail "failed: cinder $*"
}
volume() { openstack volume show -f value -c "$2" "$1"; }
snapshot() { openstack volume snapshot show -f value -c "$2" "$1"; }

# Waits until "$1 ID status" (volume or snapshot) says $3.
await() {
  local kind=$1 id=$2 wanted=$3 status
  for _ in $(seq 60); do
    status=$("$kind" "$id" status)
    [ "$status" = "$wanted" ] && return
    case $status in error*) fail "$kind $id is in status $status" ;; esac
  done
  fail "$kind $id is in status $status, not $wanted"
}

same_bytes() {
  cmp --bytes=$((1 << 30)) "$directory/volume-$1" "$directory/$2" \
    || fail "volume $1 does not have the bytes of $2"
}

openstack volume type create --property volume_backend_name=file gold > /dev/null
base=$(openstack volume create -f value -c id --size 1 --type gold base)
await volume "$base" available

# What a server would have written: something at the start, in the middle and at the end.
for at in 0 536870912 1073737728; do
  head --bytes=4096 /dev/urandom \
    | dd of="$directory/volume-$base" bs=4096 seek=$((at / 4096)) conv=notrunc status=none
done
snap=$(openstack volume snapshot create -f value -c id --volume base before)
await snapshot "$snap" available
cp --sparse=always "$directory/volume-$base" "$directory/../written"
head --bytes=4096 /dev/zero \
  | dd of="$directory/volume-$base" bs=4096 conv=notrunc status=none

copy=$(openstack volume create -f value -c id --snapshot before --size 2 from-snapshot)
await volume "$copy" available
same_bytes "$copy" "../written"
[ "$(volume "$copy" size)" = 2 ] || fail "the copy is not 2 GiB"
[ "$(stat --format=%s "$directory/volume-$copy")" = $((2 << 30)) ] || fail "its file is not 2 GiB"
clone=$(openstack volume create -f value -c id --source from-snapshot clone)
await volume "$clone" available
same_bytes "$clone" "../written"

openstack volume set --size 3 clone > /dev/null
await volume "$clone" available
[ "$(stat --format=%s "$directory/volume-$clone")" = $((3 << 30)) ] || fail "the clone did not grow"

openstack volume set --property colour=green --name renamed base
[ "$(openstack volume list -f value -c Name --property colour=green)" = renamed ] \
  || fail "the list by metadata is wrong"
[ "$(openstack volume list -f value -c ID --name renamed)" = "$base" ] \
  || fail "the list by name is wrong"
[ "$(openstack volume list -f value -c ID --status available | wc -l)" = 3 ] \
  || fail "the list by status is wrong"
[ -z "$(openstack volume list -f value -c ID --status error)" ] || fail "something is in error"
openstack volume show renamed > /dev/null

# The older client sees and does the same.
[ "$(cinder list --name renamed | grep --count "$base")" = 1 ] || fail "cinder list is wrong"
cinder show "$clone" | grep --count available > /dev/null || fail "cinder show is wrong"
other=$(cinder create 1 --name other | awk '$2 == "id" { print $4 }')
await volume "$other" available
cinder metadata "$other" set k=v > /dev/null
cinder extend "$other" 2
await volume "$other" available
other_snap=$(cinder snapshot-create "$other" --name s | awk '$2 == "id" { print $4 }')
await snapshot "$other_snap" available
cinder delete --cascade "$other" > /dev/null

# A host takes a volume and gives it back.
made=$(cinder attachment-create "$clone" | awk '$2 == "id" { print $4 }')
[ "$(volume "$clone" status)" = reserved ] || fail "the volume is not reserved"
cinder attachment-update "$made" --host "$(hostname)" --ip 127.0.0.1 --mountpoint /dev/vdb \
  | grep --count driver_volume_type > /dev/null || fail "the host is not told how to reach it"
openstack --os-volume-api-version 3.71 volume attachment complete "$made"
[ "$(volume "$clone" status)" = in-use ] || fail "the volume is not in use"
[ "$(cinder attachment-list --volume-id "$clone" --status attached | grep --count "$made")" = 1 ] \
  || fail "cinder attachment-list is wrong"
cinder attachment-show "$made" | grep --count attached > /dev/null || fail "attachment-show is wrong"
openstack --os-volume-api-version 3.71 volume attachment show -f value -c "Volume ID" "$made" \
  | grep --count "$clone" > /dev/null || fail "volume attachment show is wrong"
cinder attachment-delete "$made" > /dev/null
await volume "$clone" available
made=$(cinder attachment-create "$clone" --connect True --host "$(hostname)" --mode ro \
  | awk '$2 == "id" { print $4 }')
cinder attachment-complete "$made" > /dev/null
openstack --os-volume-api-version 3.71 volume attachment delete "$made"
await volume "$clone" available

openstack volume snapshot delete before
for name in renamed from-snapshot clone; do
  for _ in $(seq 60); do
    "$bin/openstack" volume delete "$name" 2> /dev/null && break
  done
done
for _ in $(seq 60); do
  left=$(openstack volume list -f value -c ID | wc -l)
  [ "$left" = 0 ] && break
done
[ "$left" = 0 ] || fail "$left volumes are left"
[ -z "$(openstack volume snapshot list -f value -c ID)" ] || fail "snapshots are left"
openstack volume type delete gold
left=$(find "$directory" -type f)
[ -z "$left" ] || fail "files are left: $left"
echo "clients: all done"
