#!/usr/bin/env bash
# An ordinary member of a project, with unmodified python-openstackclient and python-cinderclient: images become
# volumes, volumes are attached and read, volumes become images, and the bytes are the same all the way.
#
#   member.sh BIN WORK STATE
#     BIN    directory with `openstack` and `cinder` (see ../requirements-clients.txt)
#     WORK   an empty directory
#     STATE  state_path of the server under test, whose volumes are files in STATE/volumes
#
# Who the member is stands in the OS_… variables. Ends with "member: all done"; the first thing that is not as it
# should be ends it with status 1.
set -euo pipefail
bin=$1 work=$2 volumes=$3/volumes conversions=$3/conversion
export PYTHONWARNINGS=ignore OS_VOLUME_API_VERSION=3.70
unset OS_CLOUD OS_TOKEN OS_AUTH_TYPE OS_ENDPOINT 2>/dev/null || true

fail() { echo "member: $*" >&2; exit 1; }
openstack() { "$bin/openstack" "$@" || fail "failed: openstack $*"; }
cinder() { "$bin/cinder" "$@" || fail "failed: cinder $*"; }
volume() { openstack volume show -f value -c "$2" "$1"; }
image() { openstack image show -f value -c "$2" "$1"; }

# Waits until "$1 ID status" (volume or image) says $3.
await() {
  local kind=$1 id=$2 wanted=$3 status
  for _ in $(seq 120); do
    status=$("$kind" "$id" status)
    [ "$status" = "$wanted" ] && return
    case $status in error* | killed) fail "$kind $id is in status $status" ;; esac
  done
  fail "$kind $id is in status $status, not $wanted"
}

# The disk of both images: something at the start, in the middle and at the end, the rest is nothing.
disk=$work/disk.raw
truncate --size=64M "$disk"
for at in 0 31 63; do
  head --bytes=1M /dev/urandom | dd of="$disk" bs=1M seek="$at" conv=notrunc status=none
done
qemu-img convert -f raw -O qcow2 -c "$disk" "$work/disk.qcow2"
# What a volume of 1 GiB made of it is to hold.
cp --sparse=always "$disk" "$work/wanted"
truncate --size=1G "$work/wanted"

for format in raw qcow2; do
  id=$(openstack image create -f value -c id --disk-format "$format" --container-format bare --min-disk 1 \
    --property os_distro=ashlar --file "$work/disk.$format" "from-$format")
  await image "$id" active
done

declare -A made
for format in raw qcow2; do
  id=$(openstack volume create -f value -c id --image "from-$format" --size 1 "boot-$format")
  await volume "$id" available
  made[$format]=$id
  [ "$(volume "$id" bootable)" = True ] || [ "$(volume "$id" bootable)" = true ] || fail "$format: not bootable"
  metadata=$(volume "$id" volume_image_metadata)
  case $metadata in *os_distro*ashlar*) ;; *) fail "$format: no property of the image in $metadata" ;; esac
  cmp "$volumes/volume-$id" "$work/wanted" || fail "$format: the volume does not have the image's bytes"
done

# Too small for the image, and an image that is not there.
"$bin/openstack" volume create --image 00000000-0000-4000-8000-000000000000 --size 1 none > /dev/null 2>&1 \
  && fail "a volume of an image that is not there was accepted"
openstack image set --min-disk 2 from-raw
"$bin/openstack" volume create --image from-raw --size 1 small > /dev/null 2>&1 \
  && fail "a volume that is smaller than the image asks for was accepted"

# Attached to this very host: what the connection leads to has the bytes.
id=${made[qcow2]}
attachment=$(cinder attachment-create "$id" | awk '$2 == "id" || $2 == "ID" { print $4 }')
[ -n "$attachment" ] || fail "no attachment"
[ "$(volume "$id" status)" = reserved ] || fail "the volume is not reserved"
openstack volume attachment set --host "$(hostname)" --initiator iqn.2026-11.org.example:member \
  --mountpoint /dev/vdb -f json "$attachment" > "$work/attachment.json"
path=$(python3 - "$work/attachment.json" << 'PYTHON'
import ast, json, sys
shown = {key.lower().replace(' ', '_'): value for key, value in json.load(open(sys.argv[1])).items()}
info = next(shown[key] for key in ('properties', 'connection_info') if shown.get(key))
info = ast.literal_eval(info) if isinstance(info, str) else info
print(info.get('device_path') or info['data']['device_path'])
PYTHON
)
cmp "$path" "$work/wanted" || fail "the connection does not lead to the volume's bytes"
openstack volume attachment complete "$attachment"
[ "$(volume "$id" status)" = in-use ] || fail "the volume is not in use"
"$bin/openstack" volume delete "$id" 2> /dev/null && fail "an attached volume was deleted"
# What its owner writes there.
head --bytes=1M /dev/urandom | dd of="$path" bs=1M seek=900 conv=notrunc status=none
cp --sparse=always "$path" "$work/written"
openstack volume attachment delete "$attachment"
await volume "$id" available

# Back to images: plain and packed.
openstack image create --volume boot-qcow2 --disk-format raw --container-format bare back-raw > /dev/null
await volume "$id" available
await image back-raw active
openstack image save --file "$work/back.raw" back-raw
cmp "$work/back.raw" "$work/written" || fail "the raw image does not have the volume's bytes"
rm "$work/back.raw"
cinder upload-to-image --disk-format qcow2 --container-format bare "$id" back-qcow2 > /dev/null
await volume "$id" available
await image back-qcow2 active
openstack image save --file "$work/back.qcow2" back-qcow2
qemu-img convert -f qcow2 -O raw "$work/back.qcow2" "$work/back.raw"
cmp "$work/back.raw" "$work/written" || fail "the qcow2 image does not have the volume's bytes"
case $(openstack image show -f json back-qcow2) in
  *os_distro*) ;; *) fail "the image lost what its volume kept of the first one" ;;
esac

openstack volume delete "${made[@]}"
for _ in $(seq 120); do
  left=$(openstack volume list -f value -c ID | wc -l)
  [ "$left" = 0 ] && break
done
[ "$left" = 0 ] || fail "$left volumes are left"
openstack image delete from-raw from-qcow2 back-raw back-qcow2
[ -z "$(openstack image list -f value -c ID)" ] || fail "images are left"
for place in "$volumes" "$conversions"; do
  [ -d "$place" ] || continue
  left=$(find "$place" -type f)
  [ -z "$left" ] || fail "files are left: $left"
done
echo "member: all done"
