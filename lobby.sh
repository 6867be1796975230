#!/bin/sh
# Open kiosk, display and staff console side by side in one tmux window.
# Usage: lobby.sh FOLDER-OF-THE-PROGRAMS; the configuration is VUORO_CONFIG's.
set -eu
bin=$1

if ! command -v tmux >/dev/null; then
    echo "tmux is not installed, so the screens open one by one. In two more terminals:"
    echo
    echo "  make display"
    echo "  make staff"
    echo
    echo "Press Enter to open the kiosk here. It has no way out of its own: close its window."
    read -r _ || true
    exec "$bin/vuoro-kiosk"
fi

# A server of its own for each configuration, so that nobody's own tmux set-up or session is
# touched, and a second centre opens beside the first.
tmux="tmux -L vuoro-$(printf %s "$VUORO_CONFIG" | cksum | cut -d ' ' -f 1) -f /dev/null"
if $tmux has-session -t lobby 2>/dev/null; then
    echo "The lobby is open already; this is it."
    exec env -u TMUX $tmux attach-session -t lobby
fi

# What is wrong with the configuration or the store is said here, not in a window that closes.
"$bin/vuoro-display" --once >/dev/null

# tmux shows the colours as well as the terminal around it can.
case "${COLORTERM:-}" in truecolor | 24bit) rgb=',*:RGB' ;; *) rgb='' ;; esac
export COLORTERM=truecolor

run() { printf 'exec "%s/vuoro-%s"' "$bin" "$1"; }

# Closing the staff console closes the lobby: kiosk and display have no way out of their own.
$tmux new-session -d -s lobby -x "$(tput cols)" -y "$(tput lines)" "$(run kiosk)" \; \
    set-option -g mouse on \; set-option -g status off \; set-option -g escape-time 10 \; \
    set-option -g default-terminal tmux-256color \; set-option -ga terminal-overrides "$rgb" \; \
    split-window -h -t lobby "$(run display)" \; \
    split-window -v -t lobby "\"$bin/vuoro-staff\"; $tmux kill-session -t lobby" \; \
    select-pane -t lobby:0.0
exec env -u TMUX $tmux attach-session -t lobby
