# Completion of assay for fish: assay completions fish | source

function __assay
    set -l typed (commandline -ct | string replace -r '^["\']' '')
    set -l answer (assay __complete -- (commandline -opc)[2..-1] "$typed" 2>/dev/null)
    set -l head "$answer[2]"
    set -l rest (string sub -s (math (string length -- "$head") + 1) -- "$typed")
    switch "$answer[1]"
        case file
            printf '%s\n' $head(__fish_complete_path "$rest")
        case folder
            printf '%s\n' $head(__fish_complete_directories "$rest")
        case program
            complete -C (commandline -cp | string replace -r -- '^.*? -- ' '')
        case words
            set -q answer[3]; and printf '%s\n' $head$answer[3..-1]
    end
end

# In the order of the answer: the newest first.
complete -c assay -f -k -a '(__assay)'
