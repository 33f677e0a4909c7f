#!/bin/sh
# After removal. The state goes with a purge (dpkg), and with the removal where there is none (rpm).
set -e
case $1 in
purge | 0) rm -rf /var/lib/kernel_exporter /var/lib/private/kernel_exporter /etc/systemd/system/kernel_exporter.service.d/el7.conf ;;
esac
[ -d /run/systemd/system ] && systemctl daemon-reload
exit 0
