#!/bin/sh
# Runs train_thinker.py as two processes of one thread and waits for both: launch.sh RUN ARGUMENTS...
run=$1; shift
mkdir -p "$run"; rm -f "$run/meeting"
for rank in 0 1; do
  OMP_NUM_THREADS=1 "${PYTHON:-python3}" train_thinker.py --rank $rank --run "$run" "$@" >> "$run/log.$rank" 2>&1 &
done
wait
