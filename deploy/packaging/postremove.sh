#!/bin/sh
# After removal. The state goes with a purge (dpkg), and with the removal where there is none (rpm).
set -e
case $1 in
purge | 0)
	rm -rf /var/lib/kernel_exporter /var/lib/private/kernel_exporter
	rm -f /etc/systemd/system/kernel_exporter.service.d/el7.conf
	rmdir --ignore-fail-on-non-empty /etc/systemd/system/kernel_exporter.service.d 2>/dev/null || true
	;;
esac
if [ -d /run/systemd/system ]; then
	systemctl daemon-reload
fi
