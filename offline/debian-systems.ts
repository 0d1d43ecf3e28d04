// The two Debian root file systems as data: their packages, and what of those packages nothing here needs.

/** One root file system. Paths are relative to its root and may hold `*`. */
export interface DebianSystem {
  readonly name: string
  readonly suite: string
  readonly packages: readonly string[]
  readonly remove: readonly string[]
  /** Usual seconds of making it. */
  readonly usualSeconds: number
}

// Nobody reads documentation inside a container, and packages are not installed there any more.
const NOT_NEEDED = [
  'usr/share/doc/*',
  'usr/share/man/*',
  'usr/share/info/*',
  'usr/share/locale/*',
  'usr/share/lintian',
  'usr/share/bug',
  'usr/share/gitweb',
  'usr/share/bash-completion',
  'usr/share/zsh',
  'usr/share/polkit-1',
  'usr/share/pixmaps',
  'usr/share/icons',
  'usr/share/menu',
  'usr/share/common-licenses',
  'usr/share/zoneinfo/right',
  'usr/share/zoneinfo/posix',
  'usr/share/perl*',
  'usr/share/debconf',
  'usr/lib/x86_64-linux-gnu/gconv',
  'usr/lib/x86_64-linux-gnu/perl*',
  'usr/lib/x86_64-linux-gnu/libperl.*',
  'usr/lib/x86_64-linux-gnu/libdb-5*',
  'usr/lib/x86_64-linux-gnu/libapt*',
  'usr/lib/apt',
  'usr/lib/dpkg',
  'usr/lib/locale/*.utf8/LC_*[A-Z]',
  'usr/bin/apt*',
  'usr/bin/dpkg*',
  'usr/bin/deb*',
  'usr/bin/perl*',
  'usr/bin/gpgv',
  'usr/bin/update-alternatives',
  'usr/bin/localedef',
  'usr/sbin/dpkg*',
  'usr/sbin/ldconfig*.dpkg*',
  'etc/apt',
  'etc/dpkg',
  'etc/cron*',
  'etc/init.d/*',
  'etc/rc?.d',
  'etc/logrotate.d',
  'etc/machine-id',
  'etc/hostname',
  'etc/resolv.conf',
  'usr/share/keyrings',
  'usr/sbin/mke2fs',
  'usr/sbin/mkfs*',
  'usr/sbin/*e2fs*',
  'usr/sbin/e2*',
  'usr/sbin/debugfs',
  'usr/sbin/fsck*',
  'usr/sbin/tune2fs',
  'usr/sbin/dumpe2fs',
  'usr/lib/x86_64-linux-gnu/e2fsprogs',
  'var/cache/*',
  'var/lib/apt',
  'var/lib/dpkg/info',
  'var/lib/dpkg/*-old',
  'var/lib/dpkg/triggers',
  'var/lib/dpkg/updates',
  'var/lib/dpkg/alternatives',
  'var/lib/dpkg/diversions*',
  'var/log/*',
  'var/log/apt',
  'var/backups',
  'var/spool/*',
  'tmp/*',
]

/** The system that the Kubernetes node runs on: systemd, containerd, and the tools kubelet and kube-proxy call. */
export const NODE_SYSTEM: DebianSystem = {
  name: 'node',
  suite: 'bookworm',
  packages: (
    'systemd systemd-sysv conntrack iptables nftables iproute2 ethtool util-linux mount kmod libseccomp2 ' +
    'ca-certificates procps containerd runc containernetworking-plugins socat'
  ).split(' '),
  remove: [
    ...NOT_NEEDED,
    // They would set the host's kernel, not the node's.
    'usr/lib/sysctl.d/*',
    'etc/sysctl.d/*',
    'usr/sbin/arpd',
    'usr/bin/containerd-stress',
    'usr/bin/containerd-shim',
    'usr/bin/containerd-shim-runc-v1',
    'usr/share/zoneinfo/*',
    'usr/lib/systemd/systemd-networkd*',
    'usr/lib/systemd/systemd-resolved',
    'usr/lib/systemd/systemd-timesyncd',
    'usr/lib/systemd/systemd-pcr*',
    'usr/lib/systemd/systemd-homed',
    'usr/lib/systemd/catalog',
    'usr/lib/systemd/boot',
    'usr/lib/udev/hwdb.d',
    'usr/lib/udev/hwdb.bin',
  ],
  usualSeconds: 100,
}

/** What Argo CD, redis, nginx, BuildKit and a git server run on. */
export const COMPONENT_SYSTEM: DebianSystem = {
  name: 'component',
  suite: 'bookworm',
  packages:
    'git git-lfs tini ca-certificates gpg gpg-agent openssh-client tzdata redis-server busybox nginx'.split(
      ' ',
    ),
  remove: [
    ...NOT_NEEDED,
    'usr/lib/git-core/git-imap-send',
    'usr/lib/git-core/git-http-push',
    'usr/lib/git-core/git-http-fetch',
    'usr/lib/git-core/git-shell',
    'usr/lib/git-core/scalar',
    'usr/lib/git-core/git-add--interactive',
    'usr/lib/git-core/git-cvs*',
    'usr/lib/git-core/git-send-email',
    'usr/lib/git-core/git-svn',
    'usr/lib/git-core/git-instaweb',
    'usr/lib/git-core/git-filter-branch',
    'usr/lib/git-core/mergetools',
    'usr/bin/git-shell',
    'usr/bin/scalar',
    'usr/bin/redis-benchmark',
    'usr/lib/systemd',
    'lib/systemd',
    'usr/share/python3',
    'usr/sbin/!(nginx)',
    // iproute2, which nginx's package asks for and its program does not.
    'usr/bin/{ip,ss,nstat,rdma,routel,rtstat,ctstat,lnstat}',
    'etc/iproute2',
    'usr/lib/x86_64-linux-gnu/libbpf.so*',
  ],
  usualSeconds: 70,
}
