#!/bin/sh
# After installation and upgrade. dpkg passes "configure" and the old version, rpm passes how many versions are installed.
set -e
[ -d /run/systemd/system ] || exit 0 # a chroot or an image: the first boot decides

# systemd before 235 lacks most of what the unit relies on: the drop-in for it says what that costs.
version=$(systemctl --version | awk 'NR == 1 { print int($2) }')
if [ "$version" -lt 235 ]; then
	mkdir -p /etc/systemd/system/kernel_exporter.service.d
	cp -n /usr/share/doc/kernel-exporter/el7.conf /etc/systemd/system/kernel_exporter.service.d/el7.conf
fi
systemctl daemon-reload
if { [ "$1" = configure ] && [ -z "${2:-}" ]; } || [ "$1" = 1 ]; then
	systemctl enable --now kernel_exporter.service
else
	systemctl try-restart kernel_exporter.service
fi
