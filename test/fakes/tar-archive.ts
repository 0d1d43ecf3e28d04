/** Writes small tar.gz archives, also ones that no honest tool writes. */
import { gzipSync } from 'node:zlib'

export interface TarMember {
  readonly name: string
  readonly content?: Buffer | string
  /** Type flag: '0' file (default), '2' symbolic link, '5' folder, 'x' pax header. */
  readonly type?: string
  readonly link?: string
}

function header(member: TarMember, size: number): Buffer {
  const block = Buffer.alloc(512)
  block.write(member.name, 0, 100)
  block.write('0000755\0', 100)
  block.write(`${size.toString(8).padStart(11, '0')}\0`, 124)
  block.write(' '.repeat(8), 148)
  block.write(member.type ?? '0', 156)
  block.write(member.link ?? '', 157, 100)
  block.write('ustar\x0000', 257)
  const sum = block.reduce((total, byte) => total + byte, 0)
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return block
}

/** An archive of these members in this order (ustar). */
export function tarGz(members: readonly TarMember[]): Buffer {
  const blocks = members.flatMap((member) => {
    const content = Buffer.from(member.content ?? '')
    const padding = Buffer.alloc((512 - (content.length % 512)) % 512)
    return [header(member, content.length), content, padding]
  })
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]))
}
