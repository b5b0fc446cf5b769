# bash completion for rebeam
_rebeam() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} i
    # Behind the script everything is the script's own.
    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
        --help | --version) ;;
        --*) ((i++)) ;;
        -m | -c) return 1 ;;
        -[a-zA-Z]*) ;;
        *) COMPREPLY=($(compgen -f -- "$word")) && return ;;
        esac
    done
    case $before in
    --restart) COMPREPLY=($(compgen -W "never on-failure always" -- "$word")) ;;
    --isolation) COMPREPLY=($(compgen -W "shared interpreter process" -- "$word")) ;;
    --log-format) COMPREPLY=($(compgen -W "text json" -- "$word")) ;;
    --log-level)
        COMPREPLY=($(compgen -W "debug info notice warning error critical alert emergency none" \
            -- "$word"))
        ;;
    --python | --cookie-file) COMPREPLY=($(compgen -f -- "$word")) ;;
    --max-restarts | --max-seconds | --workers | --unit-memory | --name | --sname | --cookie | \
        --listen | --connect | --cluster-size | --cluster-lease) ;;
    *)
        case $word in
        -*)
            COMPREPLY=($(compgen -W "--python --restart --max-restarts --max-seconds --isolation \
                --workers --unit-memory --name --sname --cookie-file --cookie --listen --connect \
                --cluster-size --cluster-lease \
                --log-level --log-format --warn-blocked --version --help -m -c -i" -- "$word"))
            ;;
        *)
            COMPREPLY=($(compgen -W "config doctor help new" -- "$word")
                $(compgen -d -S / -- "$word") $(compgen -f -X '!*.py' -- "$word"))
            ;;
        esac
        ;;
    esac
}
complete -o filenames -F _rebeam rebeam
