//! A small file that is a well-formed MP4 container without a track.

use bytes::{BufMut, Bytes, BytesMut};

/// Bytes of a video, different for each number.
pub(crate) fn video(number: u64) -> Bytes {
    let mut file = BytesMut::new();
    atom(&mut file, b"ftyp", b"isom\0\0\x02\0isomiso2mp41");
    atom(&mut file, b"mdat", &number.to_be_bytes());
    let mut header = BytesMut::new();
    atom(&mut header, b"mvhd", &movie_header());
    atom(&mut file, b"moov", &header);
    file.freeze()
}

fn atom(file: &mut BytesMut, name: &[u8; 4], content: &[u8]) {
    file.put_u32(u32::try_from(content.len() + 8).unwrap_or(u32::MAX));
    file.put_slice(name);
    file.put_slice(content);
}

/// Version 0 of the movie header of ISO/IEC 14496-12: one second, normal speed, identity matrix.
fn movie_header() -> BytesMut {
    let mut header = BytesMut::new();
    for field in [0, 0, 0, 1_000, 1_000, 0x0001_0000] {
        header.put_u32(field);
    }
    header.put_u16(0x0100);
    header.put_bytes(0, 10);
    for field in [0x0001_0000, 0, 0, 0, 0x0001_0000, 0, 0, 0, 0x4000_0000] {
        header.put_u32(field);
    }
    header.put_bytes(0, 24);
    header.put_u32(1);
    header
}
