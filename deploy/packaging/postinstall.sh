#!/bin/sh
# After installation and upgrade. dpkg passes "configure" and the old version, rpm passes how many versions are installed.
set -e
command -v systemctl >/dev/null || exit 0

# systemd before 235 lacks most of what the unit relies on: the drop-in for it says what that costs.
version=$(systemctl --version | awk 'NR == 1 { print int($2) }')
if [ "$version" -lt 235 ]; then
	mkdir -p /etc/systemd/system/kernel_exporter.service.d
	cp -n /usr/share/doc/kernel-exporter/el7.conf /etc/systemd/system/kernel_exporter.service.d/el7.conf
fi

if { [ "$1" = configure ] && [ -z "${2:-}" ]; } || [ "$1" = 1 ]; then
	systemctl enable kernel_exporter.service # in a chroot or an image too: it starts at the first boot
	action=start
else
	action=try-restart
fi
[ -d /run/systemd/system ] || exit 0
systemctl daemon-reload
systemctl "$action" kernel_exporter.service
