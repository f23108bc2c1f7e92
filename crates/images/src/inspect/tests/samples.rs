//! The smallest good image of each format, made by hand, to be spoilt by the tests.

use crate::Format;

/// The size of the disk in each of them.
pub(super) const DISK: u64 = 1 << 20;

/// An image in the making.
#[derive(Clone)]
pub(super) struct Sample(pub(super) Vec<u8>);

impl Sample {
    fn zeros(length: usize) -> Self {
        Self(vec![0; length])
    }

    /// The same with other bytes at `at`.
    pub(super) fn with(mut self, at: usize, bytes: &[u8]) -> Self {
        self.0[at..at + bytes.len()].copy_from_slice(bytes);
        self
    }

    fn be32(self, at: usize, number: u32) -> Self {
        self.with(at, &number.to_be_bytes())
    }

    fn be64(self, at: usize, number: u64) -> Self {
        self.with(at, &number.to_be_bytes())
    }

    fn le32(self, at: usize, number: u32) -> Self {
        self.with(at, &number.to_le_bytes())
    }

    fn le64(self, at: usize, number: u64) -> Self {
        self.with(at, &number.to_le_bytes())
    }
}

/// A good image.
pub(super) fn good(format: Format) -> Sample {
    match format {
        Format::Raw => Sample::zeros(DISK as usize),
        Format::Iso => good(Format::Raw).with(32 << 10, b"\x01CD001\x01"),
        Format::Qcow2 => qcow2(),
        Format::Vmdk => vmdk(DESCRIPTOR),
        Format::Vhd => vhd(),
        Format::Vhdx => vhdx(),
        Format::Vdi => vdi(),
        Format::Ploop => ploop(),
    }
}

/// Clusters of 512 bytes: header, refcount table, reference counts, L1 table.
fn qcow2() -> Sample {
    Sample::zeros(4 * 512)
        .with(0, b"QFI\xfb\0\0\0\x03")
        .be32(20, 9)
        .be64(24, DISK)
        .be32(36, 32)
        .be64(40, 3 * 512)
        .be64(48, 512)
        .be32(56, 1)
        .be32(96, 4)
        .be32(100, 104)
        .be64(512, 2 * 512)
        .with(2 * 512, &[0, 1, 0, 1, 0, 1, 0, 1])
}

pub(super) const DESCRIPTOR: &str = "# Disk DescriptorFile\nversion=1\nCID=5ccf28c8\n\
    parentCID=ffffffff\ncreateType=\"monolithicSparse\"\n\n# Extent description\n\
    RW 2048 SPARSE \"disk.vmdk\"\n\n#DDB\nddb.adapterType = \"ide\"\n";

/// Header, four sectors of text, a grain directory, a grain table of 512, one grain.
pub(super) fn vmdk(descriptor: &str) -> Sample {
    Sample::zeros((10 + 128) * 512)
        .with(0, b"KDMV\x01\0\0\0\x01\0\0\0")
        .le64(12, DISK / 512)
        .le64(20, 128)
        .le64(28, 1)
        .le64(36, 4)
        .le32(44, 512)
        .le64(56, 5)
        .with(512, descriptor.as_bytes())
        .le32(5 * 512, 6)
        .le32(6 * 512, 10)
}

/// The same with its directory named in a second header at the end.
pub(super) fn vmdk_with_footer() -> Sample {
    let mut sample = good(Format::Vmdk);
    let footer = sample.0[..512].to_vec();
    sample = sample.with(56, &[0xff; 8]);
    // A marker, the header, a marker.
    sample.0.extend([0; 512]);
    sample.0.extend(footer);
    sample.0.extend([0; 512]);
    sample
}

fn vhd_footer(kind: u32) -> Sample {
    Sample::zeros(512)
        .with(0, b"conectix")
        .be64(16, 512)
        .be64(40, DISK)
        .be64(48, DISK)
        .be32(60, kind)
}

/// A footer at both ends, a header, a table of one block without data.
fn vhd() -> Sample {
    let footer = vhd_footer(3);
    let mut sample = Sample::zeros(5 * 512)
        .with(0, &footer.0)
        .with(512, b"cxsparse")
        .be64(512 + 16, 3 * 512)
        .be32(512 + 28, 1)
        .be32(512 + 32, 2 << 20)
        .be32(3 * 512, u32::MAX);
    sample = sample.with(4 * 512, &footer.0);
    sample
}

/// A disk and a footer.
pub(super) fn vhd_fixed() -> Sample {
    let mut sample = Sample::zeros(DISK as usize);
    sample.0.extend(vhd_footer(2).0);
    sample
}

pub(super) const VHDX_METADATA: usize = 320 << 10;

/// Two headers, a table of regions, metadata, and a table of one block without data.
fn vhdx() -> Sample {
    const REGIONS: usize = 192 << 10;
    const BLOCKS: usize = 384 << 10;
    let blocks =
        [0x66, 0x77, 0xc2, 0x2d, 0x23, 0xf6, 0, 0x42, 0x9d, 0x64, 0x11, 0x5e, 0x9b, 0xfd, 0x4a, 8];
    let metadata =
        [6, 0xa2, 0x7c, 0x8b, 0x90, 0x47, 0x9a, 0x4b, 0xb8, 0xfe, 0x57, 0x5f, 5, 0x0f, 0x88, 0x6e];
    let items: [([u8; 16], u32); 3] = [
        (
            [
                0x37, 0x67, 0xa1, 0xca, 0x36, 0xfa, 0x43, 0x4d, 0xb3, 0xb6, 0x33, 0xf0, 0xaa, 0x44,
                0xe7, 0x6b,
            ],
            4096,
        ),
        (
            [
                0x24, 0x42, 0xa5, 0x2f, 0x1b, 0xcd, 0x76, 0x48, 0xb2, 0x11, 0x5d, 0xbe, 0xd8, 0x3b,
                0xf4, 0xb8,
            ],
            4104,
        ),
        (
            [
                0x1d, 0xbf, 0x41, 0x81, 0x6f, 0xa9, 9, 0x47, 0xba, 0x47, 0xf2, 0x33, 0xa8, 0xfa,
                0xab, 0x5f,
            ],
            4112,
        ),
    ];
    let mut sample = Sample::zeros(BLOCKS + 4096).with(0, b"vhdxfile");
    for (number, at) in [(1, 64 << 10), (2, 128 << 10)] {
        sample = sample.with(at, b"head").le64(at + 8, number).with(at + 66, &[1, 0]);
    }
    sample = sample.with(REGIONS, b"regi").le32(REGIONS + 8, 2);
    for (at, guid, place, length) in
        [(16, blocks, BLOCKS, 4096), (48, metadata, VHDX_METADATA, 8192)]
    {
        let at = REGIONS + at;
        sample = sample
            .with(at, &guid)
            .le64(at + 16, place as u64)
            .le32(at + 24, length)
            .le32(at + 28, 1);
    }
    sample = sample.with(VHDX_METADATA, b"metadata").with(VHDX_METADATA + 10, &[3, 0]);
    for (number, (guid, place)) in items.into_iter().enumerate() {
        let at = VHDX_METADATA + 32 * (number + 1);
        sample = sample.with(at, &guid).le32(at + 16, place).le32(at + 20, 8).le32(at + 24, 4);
    }
    let values = VHDX_METADATA + 4096;
    sample.le32(values, 1 << 20).le64(values + 8, DISK).le32(values + 16, 512)
}

/// A header, a map of one block, the block.
fn vdi() -> Sample {
    Sample::zeros((1 << 20) + 1024)
        .with(0, b"<<< Oracle VM VirtualBox Disk Image >>>\n")
        .with(0x40, b"\x7f\x10\xda\xbe\x01\0\x01\0")
        .le32(0x4c, 1)
        .le32(0x154, 512)
        .le32(0x158, 1024)
        .le64(0x170, DISK)
        .le32(0x178, 1 << 20)
        .le32(0x180, 1)
        .le32(0x184, 1)
}

/// A header, a table of one block without data.
fn ploop() -> Sample {
    Sample::zeros(4096)
        .with(0, b"WithouFreSpacExt")
        .le32(16, 2)
        .le32(28, 2048)
        .le32(32, 1)
        .le64(36, DISK / 512)
        .le32(48, 8)
}
