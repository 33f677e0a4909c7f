#!/bin/sh
# Before removal. On an upgrade dpkg passes "upgrade" and rpm passes 1: the service goes on running.
set -e
command -v systemctl >/dev/null || exit 0
case $1 in
remove | 0) ;;
*) exit 0 ;;
esac
systemctl disable kernel_exporter.service kernel_exporter.socket
if [ -d /run/systemd/system ]; then
	systemctl stop kernel_exporter.service kernel_exporter.socket
fi
