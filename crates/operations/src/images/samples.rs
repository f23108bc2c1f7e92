//! An image for tests.

use ashlar_clients::glance::Image;
use ashlar_types::ImageId;

/// An active qcow2 image of which Glance says no more than it must.
pub(crate) fn image() -> Image {
    Image {
        id: ImageId::random(),
        name: None,
        status: "active".to_owned(),
        disk_format: Some("qcow2".to_owned()),
        container_format: Some("bare".to_owned()),
        min_disk: 0,
        min_ram: 0,
        size: None,
        virtual_size: None,
        checksum: None,
        os_hash_algo: None,
        os_hash_value: None,
        visibility: "private".to_owned(),
        owner: None,
        protected: false,
        hidden: false,
        created_at: None,
        updated_at: None,
        block_device_mapping: None,
        properties: Default::default(),
    }
}
