#!/bin/sh
# Before removal. On an upgrade dpkg passes "upgrade" and rpm passes 1: the service goes on running.
set -e
[ -d /run/systemd/system ] || exit 0
case $1 in
remove | 0) systemctl disable --now kernel_exporter.service kernel_exporter.socket ;;
esac
